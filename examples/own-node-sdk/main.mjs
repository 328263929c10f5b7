import OpenAI from 'openai'
import { withSpendTags } from 'opentelemetry-instrumentation-aimlapi'

const openai = new OpenAI({ baseURL: 'https://api.aimlapi.com/v1', apiKey: process.env.AIMLAPI_API_KEY })

const completion = await withSpendTags({ team: 'search' }, () =>
  openai.chat.completions.create({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'Name three rivers.' }],
  }),
)
console.log(completion.choices[0].message.content)

const port = process.env.OTEL_EXPORTER_PROMETHEUS_PORT ?? 9464
const metrics = await (await fetch(`http://localhost:${port}/metrics`)).text()
console.log(metrics.match(/^aimlapi_(requests|tokens|credits|cost).*$/gm)?.join('\n'))
