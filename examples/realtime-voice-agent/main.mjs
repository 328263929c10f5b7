// One question to a voice agent over a WebSocket. The sound of its answer is measured, not played.
import { once } from 'node:events'
import { WebSocket } from 'ws'

const url = new URL('/v1/realtime?model=openai/gpt-realtime-2.1-mini', 'https://api.aimlapi.com')
url.protocol = url.protocol.replace('http', 'ws')
const socket = new WebSocket(url, { headers: { authorization: `Bearer ${process.env.AIMLAPI_API_KEY}` } })
const send = (event) => socket.send(JSON.stringify(event))

let soundBytes = 0
socket.on('message', (data) => {
  const event = JSON.parse(data)
  if (event.type === 'response.output_audio.delta') soundBytes += Buffer.byteLength(event.delta, 'base64')
  // Hangs up after the first answer.
  if (event.type === 'response.done') socket.close(1000)
})

await once(socket, 'open')
const content = [{ type: 'input_text', text: 'What does a minute of talking cost?' }]
send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content } })
send({ type: 'response.create' })
await once(socket, 'close')
console.log(`${soundBytes} bytes of sound`)

// A service would stay alive and be scraped; this program looks at its own metrics once, then ends.
const port = process.env.OTEL_EXPORTER_PROMETHEUS_PORT ?? 9464
const metrics = await (await fetch(`http://localhost:${port}/metrics`)).text()
console.log(metrics.match(/^aimlapi_(requests|tokens|credits|cost|session).*$/gm)?.join('\n'))
