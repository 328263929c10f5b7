// A service that reads a stream of its API for as long as it is let.
const response = await fetch(`${process.env.AIMLAPI_BASE_URLS}/v1/chat/completions`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'gpt-5', stream: true, messages: [] }),
})
for await (const chunk of response.body) if (chunk.length > 0) console.log('reading')
