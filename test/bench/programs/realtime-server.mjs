/**
 * Sends frames of one size as fast as they are read, for as long as the session is open. Before them comes one whole
 * response with its cost, so that a measured process can show that it has read the session.
 */
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

const TEXT_DELTA =
  '{"type":"response.output_text.delta","event_id":"event_1","response_id":"resp_1","delta":"'
const AUDIO_DELTA =
  '{"type":"response.output_audio.delta","event_id":"event_1","response_id":"resp_1","delta":"'
const AUDIO_PART = '{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm","data":"'
const FRAMES = {
  text: fill(TEXT_DELTA, 'words ', '"}', 230),
  audio: fill(AUDIO_DELTA, 'QUFB', '"}', 100_000),
  gemini: fill(AUDIO_PART, 'QUFB', '"}}]}}}', 100_000),
}
const USAGE = '{"total_tokens":14,"input_tokens":9,"output_tokens":5}'
const OPENAI = [
  '{"type":"session.created","session":{"id":"sess_1","model":"voice"}}',
  '{"type":"response.created","response":{"id":"resp_0"}}',
  `{"type":"response.done","response":{"id":"resp_0","status":"completed","usage":${USAGE}},"meta":{"usage":{"credits_used":42}}}`,
  '{"type":"response.created","response":{"id":"resp_1"}}',
]
const GEMINI = [
  '{"setupComplete":{"sessionId":"sess_1"}}',
  '{"serverContent":{"modelTurn":{"parts":[{"text":"Hi"}]}}}',
  '{"serverContent":{"turnComplete":true},"usageMetadata":{"promptTokenCount":9,"responseTokenCount":5},"meta":{"usage":{"credits_used":42}}}',
]
/** Frames written before the connection has to say that there is room. */
const BATCH = 50

function fill(head, unit, tail, bytes) {
  const room = bytes - head.length - tail.length
  return Buffer.from(head + unit.repeat(Math.ceil(room / unit.length)).slice(0, room) + tail)
}

function serve(socket, { url }) {
  const name = new URL(url, 'http://x').searchParams.get('model')
  const frame = FRAMES[name]
  const send = () => {
    if (socket.readyState !== socket.OPEN) return
    for (let index = 1; index < BATCH; index++) socket.send(frame, { binary: false })
    socket.send(frame, { binary: false }, send)
  }
  for (const message of name === 'gemini' ? GEMINI : OPENAI) socket.send(message)
  send()
}

/** A second host, which nobody observes. */
const origins = {}
for (const host of ['realtime', 'elsewhere']) {
  const server = createServer()
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', serve)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  origins[host] = `http://127.0.0.1:${server.address().port}`
}
process.send({ origins })
process.on('disconnect', () => process.exit(0))
