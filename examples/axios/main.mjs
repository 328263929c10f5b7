import axios from 'axios'

// axios goes through node:http, not fetch.
const aimlapi = axios.create({
  baseURL: 'https://api.aimlapi.com/v1',
  headers: { authorization: `Bearer ${process.env.AIMLAPI_API_KEY}` },
})

const { data } = await aimlapi.post('/embeddings', {
  model: 'text-embedding-3-small',
  input: 'The quick brown fox',
})
console.log(`${data.data[0].embedding.length} dimensions`)

const port = process.env.OTEL_EXPORTER_PROMETHEUS_PORT ?? 9464
const metrics = await (await fetch(`http://localhost:${port}/metrics`)).text()
console.log(metrics.match(/^aimlapi_(requests|tokens|credits|cost).*$/gm)?.join('\n'))
