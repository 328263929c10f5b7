// A small service as a user has it: nothing of the instrumentation but `--import` and withSpendTags.
import { withSpendTags } from 'opentelemetry-instrumentation-aimlapi'
import { request } from 'undici'

const base = process.env.AIMLAPI_BASE_URLS
const headers = { authorization: `Bearer ${process.env.AIMLAPI_API_KEY}`, 'content-type': 'application/json' }
const post = (path, body, extra = {}) =>
  fetch(base + path, { method: 'POST', headers: { ...headers, ...extra }, body: JSON.stringify(body) })
const messages = [{ role: 'user', content: 'prompt-canary-1' }]

await withSpendTags({ team: 'search' }, async () => {
  await (await post('/v1/chat/completions', { model: 'gpt-4o', messages })).json()
  await (await post('/v1/chat/completions', { model: 'gpt-4o', messages, stream: true })).text()
})
await withSpendTags({ team: 'support' }, async () => {
  const { body } = await request(`${base}/v1/embeddings`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ model: 'text-embedding-3-small', input: 'prompt-canary-1' }),
  })
  await body.json()
})
const job = await (await post('/v2/video/generations', { model: 'alibaba/wan-2-6-t2v', prompt: 'x' })).json()
let status = job.status
while (status === 'queued' || status === 'generating') {
  const poll = await fetch(`${base}/v2/video/generations?generation_id=${encodeURIComponent(job.id)}`, {
    headers,
  })
  status = (await poll.json()).status
}
await (
  await post('/v1/chat/completions', { model: 'gpt-4o', messages }, { 'x-sim-fault': 'status=429' })
).text()
const refused = await fetch('http://127.0.0.1:1/v1/chat/completions', { method: 'POST' }).catch(
  () => 'refused',
)
process.send({ done: status, refused })
// Stays alive for the scrape until the parent disconnects.
process.on('disconnect', () => process.exit(0))
