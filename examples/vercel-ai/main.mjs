import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, streamText } from 'ai'

const aimlapi = createOpenAICompatible({
  name: 'aimlapi',
  baseURL: 'https://api.aimlapi.com/v1',
  apiKey: process.env.AIMLAPI_API_KEY,
  // Token counts in streams.
  includeUsage: true,
})

const { text } = await generateText({ model: aimlapi('gpt-4o-mini'), prompt: 'Name three rivers.' })
console.log(text)

const { textStream } = streamText({ model: aimlapi('gpt-4o-mini'), prompt: 'Tell me a story of one line.' })
for await (const part of textStream) process.stdout.write(part)
process.stdout.write('\n')

const port = process.env.OTEL_EXPORTER_PROMETHEUS_PORT ?? 9464
const metrics = await (await fetch(`http://localhost:${port}/metrics`)).text()
console.log(metrics.match(/^aimlapi_(requests|tokens|credits|cost).*$/gm)?.join('\n'))
