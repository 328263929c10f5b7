import { register } from 'opentelemetry-instrumentation-aimlapi'

// Outside of the handler: once for each instance of the function.
const registration = register({ prometheus: false, balance: false })

export async function handler(event) {
  try {
    return await ask(event.question)
  } finally {
    // The instance may be frozen when the handler has answered: send before that what was counted.
    await registration.forceFlush()
  }
}

async function ask(question) {
  const response = await fetch('https://api.aimlapi.com/v1/chat/completions', {
    method: 'POST',
    headers: {
      authorization: `Bearer ${process.env.AIMLAPI_API_KEY}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: question }] }),
  })
  const { choices } = await response.json()
  return choices[0].message.content
}
