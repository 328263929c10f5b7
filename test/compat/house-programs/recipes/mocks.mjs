/** Tests that answer calls themselves: which of them are counted. The answer says 7 credits. */
import { register } from 'opentelemetry-instrumentation-aimlapi'
import calls from './calls.cjs'

const { CELL_MOCK } = process.env
const origin = 'https://api.aimlapi.com'
const answer = {
  id: 'mocked',
  model: 'gpt-4o-mini',
  choices: [{ message: { content: 'mocked' } }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  meta: { usage: { credits_used: 7 } },
}
const registration = register({ prometheus: false, baseUrls: origin })

const work = { fetch: () => calls.throughFetch({ origin }), http: () => calls.throughNodeHttp({ origin }) }
const mocks = {
  async 'MSW 3'() {
    const { http, HttpResponse } = await import('msw')
    const { setupServer } = await import('msw/node')
    const server = setupServer(http.post(`${origin}/v1/chat/completions`, () => HttpResponse.json(answer)))
    server.listen()
    return () => server.close()
  },
  async 'nock 15'() {
    const { default: nock } = await import('nock')
    nock(origin).persist().post('/v1/chat/completions').reply(200, answer)
    return () => nock.restore()
  },
  async 'undici MockAgent'() {
    const { MockAgent, setGlobalDispatcher } = await import('undici')
    const agent = new MockAgent()
    agent.disableNetConnect()
    setGlobalDispatcher(agent)
    const intercepted = agent.get(origin).intercept({ path: '/v1/chat/completions', method: 'POST' })
    intercepted.reply(200, answer, { headers: { 'content-type': 'application/json' } }).persist()
    delete work.http
    return () => agent.close()
  },
}

const stop = await mocks[CELL_MOCK]()
const counted = {}
let before = 0
for (const [transport, run] of Object.entries(work)) {
  await run()
  const text = await registration.prometheusText()
  const sums = [...text.matchAll(/^aimlapi_credits_used_total\{.*\} (\d+)/gm)]
  const credits = sums.reduce((sum, [, value]) => sum + Number(value), 0)
  counted[transport] = credits - before
  before = credits
}
await stop()
await registration.shutdown()
console.log(JSON.stringify({ result: counted }))
