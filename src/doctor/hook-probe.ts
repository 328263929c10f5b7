/** Checks that calls are observed: one by fetch and one by node:http, to a server on the loopback interface. */
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AimlapiInstrumentation } from '../instrumentation.ts'
import type { CallRecord } from '../types.ts'
import type { Check } from './check.ts'

const NAME = 'hook'
const TIMEOUT_MS = 5000
const MODEL = 'doctor'
const CREDITS = 20
const INPUT_TOKENS = 3
const OUTPUT_TOKENS = 2
/** A chat response as the API documents it. */
const RESPONSE = JSON.stringify({
  id: 'chatcmpl-doctor',
  object: 'chat.completion',
  model: MODEL,
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'ok' } }],
  usage: {
    prompt_tokens: INPUT_TOKENS,
    completion_tokens: OUTPUT_TOKENS,
    total_tokens: INPUT_TOKENS + OUTPUT_TOKENS,
  },
  meta: { usage: { credits_used: CREDITS, usd_spent: 0.00001 } },
})
const BODY = JSON.stringify({ model: MODEL, messages: [] })

/** The ways to send a call, by the name in messages. */
const TRANSPORTS: Readonly<Record<string, (url: string) => Promise<void>>> = {
  fetch: callByFetch,
  'node:http': callByNodeHttp,
}

/** Instruments this process during the check. Nothing leaves the machine, nothing is exported. */
export async function checkHook(): Promise<Check> {
  const records: CallRecord[] = []
  const unseen: string[] = []
  const server = await startServer()
  let instrumentation: AimlapiInstrumentation | undefined
  try {
    const { port } = server.address() as AddressInfo
    const url = `http://127.0.0.1:${port}`
    instrumentation = new AimlapiInstrumentation({
      baseUrls: [url],
      balance: false,
      settlement: false,
      ledger: false,
      onCall: (record) => void records.push(record),
    })
    for (const [name, call] of Object.entries(TRANSPORTS)) {
      records.length = 0
      await call(url)
      await instrumentation.forceFlush()
      if (!records.some(isWhole)) unseen.push(name)
    }
  } finally {
    await instrumentation?.shutdown()
    server.close()
    server.closeAllConnections()
  }
  if (unseen.length === 0) {
    const seen = Object.keys(TRANSPORTS).join(' and ')
    return {
      name: NAME,
      status: 'ok',
      summary: `saw calls by ${seen} to a local server, with their tokens and credits`,
    }
  }
  return {
    name: NAME,
    status: 'failure',
    summary: `a call by ${unseen.join(' and by ')} to a local server was made, but not seen`,
    advice:
      'Does something replace fetch or node:http (a mock, NODE_USE_ENV_PROXY with a proxy for 127.0.0.1)? Else please report it, with the output of "doctor --json".',
  }
}

function isWhole({ requestModel, usage }: CallRecord): boolean {
  return (
    requestModel === MODEL &&
    usage?.credits === CREDITS &&
    usage.inputTokens === INPUT_TOKENS &&
    usage.outputTokens === OUTPUT_TOKENS
  )
}

async function startServer(): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => {
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end(RESPONSE)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return server
}

async function callByFetch(url: string): Promise<void> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: BODY,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  await response.text()
}

async function callByNodeHttp(url: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const options = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      timeout: TIMEOUT_MS,
      agent: false as const,
    }
    request(`${url}/v1/chat/completions`, options)
      .on('response', (response) => response.resume().on('end', resolve))
      .on('error', reject)
      .end(BODY)
  })
}
