// A plain fetch, no SDK. Nothing in this file knows that it is measured.
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

// A service would stay alive and be scraped; this program looks at its own metrics once, then ends.
const port = process.env.OTEL_EXPORTER_PROMETHEUS_PORT ?? 9464
const metrics = await (await fetch(`http://localhost:${port}/metrics`)).text()
console.log(metrics.match(/^aimlapi_(requests|tokens|credits|cost).*$/gm)?.join('\n'))
