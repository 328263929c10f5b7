/**
 * Runs the endings with the instrumentation of PEER_SETUP, and prints what became of each as one line of JSON:
 * `{ ending: { saw | failed, spans, tokens, unhandled } }`. CommonJS, where all of them can hook `openai`.
 */
const { setTimeout: wait } = require('node:timers/promises')

const { PEER_SETUP, PEER_ORIGIN, PEER_KEY } = process.env
/** Some endings leave their span open until a moment later. */
const SETTLE_MS = 300
/** An instrumentation may leave a call hanging. */
const LIMIT_MS = 5000
const TOKENS = [
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.prompt_tokens',
  'llm.usage.prompt_tokens',
  'llm.token_count.prompt',
]

const nameOf = (error) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error))
const unhandled = []
process.on('unhandledRejection', (reason) => unhandled.push(nameOf(reason)))
process.on('uncaughtException', (error) => unhandled.push(nameOf(error)))

const hasTokens = ({ attributes }) =>
  TOKENS.some((name) => Number(attributes[name]) > 0) ||
  // Langfuse keeps them as JSON.
  /"input":[1-9]/.test(String(attributes['langfuse.observation.usage_details'] ?? ''))

async function main() {
  const setup = await require(`./setups/${PEER_SETUP}.cjs`).start()
  const { OpenAI } = require('openai')
  const { createEndings } = await import('./endings.mjs')
  const client = new OpenAI({ apiKey: PEER_KEY, baseURL: `${PEER_ORIGIN}/v1`, maxRetries: 0 })
  const endings = createEndings(setup.wrap(client), PEER_ORIGIN)
  const rows = {}
  for (const [ending, run] of Object.entries(endings)) {
    const options = (headers = {}) => ({ headers: { 'x-sim-tag': ending, ...headers } })
    const row = {}
    try {
      const call = setup.around(() => run(options))
      row.saw = await Promise.race([call, wait(LIMIT_MS).then(() => Promise.reject(new Error('hangs')))])
    } catch (error) {
      row.failed = nameOf(error)
    }
    await wait(SETTLE_MS)
    const spans = await setup.takeSpans()
    row.spans = spans.length
    row.tokens = spans.some(hasTokens)
    row.unhandled = unhandled.splice(0)
    rows[ending] = row
  }
  console.log(JSON.stringify(rows))
  process.exit(0)
}

void main()
