/** Sends frames of one size as fast as they are read, for as long as the session is open. */
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

const FRAMES = {
  text: delta('response.output_text.delta', 'words ', 230),
  audio: delta('response.output_audio.delta', 'QUFB', 100_000),
}
/** Frames written before the connection has to say that there is room. */
const BATCH = 50

function delta(type, unit, bytes) {
  const head = `{"type":"${type}","event_id":"event_1","response_id":"resp_1","delta":"`
  return Buffer.from(`${head}${unit.repeat(Math.ceil(bytes / unit.length))}`.slice(0, bytes - 2) + '"}')
}

const server = createServer()
const sockets = new WebSocketServer({ server, perMessageDeflate: false })
sockets.on('connection', (socket, { url }) => {
  const frame = FRAMES[new URL(url, 'http://x').searchParams.get('model')]
  const send = () => {
    if (socket.readyState !== socket.OPEN) return
    for (let index = 1; index < BATCH; index++) socket.send(frame, { binary: false })
    socket.send(frame, { binary: false }, send)
  }
  socket.send('{"type":"session.created","session":{"id":"sess_1","model":"voice"}}')
  send()
})
server.listen(0, '127.0.0.1', () => {
  process.send({ origins: { realtime: `http://127.0.0.1:${server.address().port}` } })
})
process.on('disconnect', () => process.exit(0))
