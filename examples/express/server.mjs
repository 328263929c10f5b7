import express from 'express'
import OpenAI from 'openai'
import { register, withSpendTags } from 'opentelemetry-instrumentation-aimlapi'

register({ metricTags: ['route', 'team'] })

const openai = new OpenAI({ baseURL: 'https://api.aimlapi.com/v1', apiKey: process.env.AIMLAPI_API_KEY })
const app = express()
app.use(express.json())

/** Every call made while a request is handled carries the route, and the team that asked. */
function spendTags(route) {
  return (request, response, next) =>
    withSpendTags({ route, team: teamOf(request.get('x-team')) }, () => next())
}

// A label must not take any value that a client cares to send.
const TEAMS = new Set(['search', 'support'])
function teamOf(name) {
  return TEAMS.has(name) ? name : 'unknown'
}

app.post('/ask', spendTags('/ask'), async (request, response) => {
  const completion = await openai.chat.completions.create({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: String(request.body.question) }],
  })
  response.json({ answer: completion.choices[0].message.content })
})

app.post('/embed', spendTags('/embed'), async (request, response) => {
  const { data } = await openai.embeddings.create({
    model: 'text-embedding-3-small',
    input: String(request.body.text),
  })
  response.json({ dimensions: data[0].embedding.length })
})

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://localhost:${server.address().port}`)
})
