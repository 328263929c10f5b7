/**
 * Thirteen ways in which a call through the `openai` package ends. Each is one request, tagged with the ending's
 * name; the result says what the application saw of it.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { createEndings } from './endings.mjs'
import { nameOf, notePackage, report } from './report.cjs'

const { CELL_OPENAI, CELL_SETUP, CELL_ORIGIN, CELL_KEY } = process.env
const loaded = await import(CELL_OPENAI)
const OpenAI = loaded.OpenAI ?? loaded.default
const client = new OpenAI({ apiKey: CELL_KEY, baseURL: `${CELL_ORIGIN}/v1`, maxRetries: 0 })
const ENDINGS = createEndings(client, CELL_ORIGIN)

let registration
if (CELL_SETUP !== 'none') {
  const { register } = await import('opentelemetry-instrumentation-aimlapi')
  registration = register({ settlement: { intervalMs: 100, settleOnShutdown: true } })
  notePackage('opentelemetry-instrumentation-aimlapi')
}

report.result = {}
for (const [ending, run] of Object.entries(ENDINGS)) {
  const options = (headers = {}) => ({ headers: { 'x-sim-tag': ending, ...headers } })
  try {
    report.result[ending] = { saw: await run(options) }
  } catch (error) {
    report.result[ending] = { failed: nameOf(error) }
  }
}
notePackage(CELL_OPENAI)
notePackage('@opentelemetry/sdk-node')
// The server notices a few milliseconds later that its clients have left, and books what it had generated.
await wait(300)
await registration?.shutdown()
// A client whose body nobody reads keeps some versions of Node waiting, with and without us.
process.exit(0)
