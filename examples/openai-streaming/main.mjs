import OpenAI from 'openai'

const openai = new OpenAI({ baseURL: 'https://api.aimlapi.com/v1', apiKey: process.env.AIMLAPI_API_KEY })

const stream = await openai.chat.completions.create({
  model: 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'Tell me a story of one paragraph.' }],
  stream: true,
  // Asks for token counts in the stream. The library never adds this to a request by itself.
  stream_options: { include_usage: true },
})
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? '')
process.stdout.write('\n')

// A stream that is broken off is counted too: its cost comes later, from the account's log.
const abandoned = await openai.chat.completions.create({
  model: 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'Tell me a long story.' }],
  stream: true,
})
for await (const chunk of abandoned) {
  if (chunk.choices.length > 0) break
}

const port = process.env.OTEL_EXPORTER_PROMETHEUS_PORT ?? 9464
const metrics = await (await fetch(`http://localhost:${port}/metrics`)).text()
console.log(metrics.match(/^aimlapi_(requests|tokens|credits|usage).*$/gm)?.join('\n'))
