import { parentPort } from 'node:worker_threads'
import { register } from 'opentelemetry-instrumentation-aimlapi'

const registration = register()

const response = await fetch('https://api.aimlapi.com/v1/chat/completions', {
  method: 'POST',
  headers: {
    authorization: `Bearer ${process.env.AIMLAPI_API_KEY}`,
    'content-type': 'application/json',
  },
  body: JSON.stringify({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'Name three rivers.' }],
  }),
})
const { choices } = await response.json()
parentPort.postMessage(choices[0].message.content)

parentPort.once('message', async () => {
  await registration.shutdown()
  parentPort.close()
})
