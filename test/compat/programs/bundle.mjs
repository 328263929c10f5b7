/** What esbuild bundles: the application, a client, and the package, loaded as a bundle's application would. */
import http from 'node:http'
import { register } from 'opentelemetry-instrumentation-aimlapi'
import OpenAI from 'openai6'
import { request } from 'undici7'

const { CELL_SETUP, CELL_ORIGIN, CELL_KEY } = process.env
const report = { result: undefined, unhandled: [], packages: {} }
process.on('unhandledRejection', (reason) => report.unhandled.push(`unhandledRejection ${String(reason)}`))
process.on('uncaughtException', (error) => report.unhandled.push(`uncaughtException ${String(error)}`))
process.on('exit', () => process.stdout.write(`${JSON.stringify(report)}\n`))

const headers = { authorization: `Bearer ${CELL_KEY}`, 'content-type': 'application/json' }
const messages = [{ role: 'user', content: 'canary-prompt: is a bundle any different?' }]
const body = JSON.stringify({ model: 'gpt-4o', messages })
const path = '/v1/chat/completions'

function throughNodeHttp() {
  return new Promise((resolve, reject) => {
    const sent = http.request(CELL_ORIGIN + path, { method: 'POST', headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve(text))
    })
    sent.on('error', reject).end(body)
  })
}

async function main() {
  if (CELL_SETUP !== 'none') register()
  const client = new OpenAI({ apiKey: CELL_KEY, baseURL: `${CELL_ORIGIN}/v1` })
  const chunks = []
  const stream = await client.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true })
  for await (const chunk of stream) chunks.push(chunk)
  const response = await request(CELL_ORIGIN + path, { method: 'POST', headers, body })
  report.result = { chunks, undici: await response.body.text(), http: await throughNodeHttp() }
}

main().catch((error) => report.unhandled.push(`main ${String(error)}`))
