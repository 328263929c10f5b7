/** Checks that calls are observed: one by fetch and one by node:http, to a server on the loopback interface. */
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AimlapiInstrumentation } from '../instrumentation.ts'
import type { CallRecord } from '../types.ts'
import { findingsOf, type Check } from './check.ts'

const { ok, failure } = findingsOf('hook')
const TIMEOUT_MS = 5000
const MODEL = 'doctor'
const USAGE = { inputTokens: 3, outputTokens: 2, credits: 20 }
/** A chat response as the API documents it. */
const RESPONSE = JSON.stringify({
  id: 'chatcmpl-doctor',
  object: 'chat.completion',
  model: MODEL,
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'ok' } }],
  usage: { prompt_tokens: USAGE.inputTokens, completion_tokens: USAGE.outputTokens },
  meta: { usage: { credits_used: USAGE.credits, usd_spent: 0.00001 } },
})
const REQUEST = { method: 'POST', headers: { 'content-type': 'application/json' } }
const BODY = JSON.stringify({ model: MODEL, messages: [] })

/** The ways to send a call, by the name in messages. */
const TRANSPORTS: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  async fetch(url) {
    const response = await fetch(url, { ...REQUEST, body: BODY, signal: AbortSignal.timeout(TIMEOUT_MS) })
    await response.text()
  },
  'node:http': (url) =>
    new Promise((resolve, reject) => {
      request(url, { ...REQUEST, timeout: TIMEOUT_MS, agent: false })
        .on('response', (response) => response.resume().on('end', resolve))
        .on('error', reject)
        .end(BODY)
    }),
}

/** Instruments this process during the check. Nothing leaves the machine, nothing is exported. */
export async function checkHook(): Promise<Check> {
  try {
    const unseen = await findUnseen()
    if (unseen.length === 0)
      return ok(
        `saw calls by ${Object.keys(TRANSPORTS).join(' and ')} to a local server, with their tokens and credits`,
      )
    return failure(
      `a call by ${unseen.join(' and by ')} to a local server was made, but not seen`,
      'Does something replace fetch or node:http (a mock, NODE_USE_ENV_PROXY with a proxy for 127.0.0.1)? Else please report it, with the output of "doctor --json".',
    )
  } catch {
    return failure(
      'a call to a local server on 127.0.0.1 failed',
      'May this process listen on the loopback interface? Does something replace fetch or node:http?',
    )
  }
}

function isWhole({ requestModel, usage }: CallRecord): boolean {
  const figures = Object.entries(USAGE) as [keyof typeof USAGE, number][]
  return requestModel === MODEL && figures.every(([name, figure]) => usage?.[name] === figure)
}

/** The transports whose call was not seen, or not with all of its figures. */
async function findUnseen(): Promise<string[]> {
  const records: CallRecord[] = []
  const unseen: string[] = []
  const server = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => {
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end(RESPONSE)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const instrumentation = new AimlapiInstrumentation({
    baseUrls: [url],
    balance: false,
    settlement: false,
    usage: false,
    ledger: false,
    onCall: (record) => void records.push(record),
  })
  try {
    for (const [name, call] of Object.entries(TRANSPORTS)) {
      records.length = 0
      await call(`${url}/v1/chat/completions`)
      await instrumentation.forceFlush()
      if (!records.some(isWhole)) unseen.push(name)
    }
  } finally {
    await instrumentation.shutdown()
    server.close()
    server.closeAllConnections()
  }
  return unseen
}
