// Metrics and spans go to the Collector when the process ends, and every minute until then.
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
console.log(choices[0].message.content)
