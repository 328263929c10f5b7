// One replica of a service: a known number of calls for two teams, and as many again at each word of its parent.
// REPLICA_API  where the API is   REPLICA_CALLS  rounds of three calls
import { withSpendTags } from 'opentelemetry-instrumentation-aimlapi'

const post = (path, body) =>
  fetch(`${process.env.REPLICA_API}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${process.env.AIMLAPI_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

const messages = [{ role: 'user', content: 'Count.' }]

async function round() {
  await withSpendTags({ team: 'search' }, async () => {
    await (await post('/v1/embeddings', { model: 'text-embedding-3-small', input: 'Count.' })).json()
    await (await post('/v1/chat/completions', { model: 'gpt-4o-mini', messages })).json()
  })
  await withSpendTags({ team: 'support' }, async () => {
    const stream = { model: 'gpt-4o', messages, stream: true, stream_options: { include_usage: true } }
    await (await post('/v1/chat/completions', stream)).text()
  })
}

async function work() {
  for (let rounds = 0; rounds < Number(process.env.REPLICA_CALLS); rounds++) await round()
  // Refused: a request without usage.
  await (await post('/v1/chat/completions', { model: 'gpt-4o' })).text()
  process.send('done')
}

process.on('message', work)
await work()
