/**
 * Sends as many frames of one size as it is asked for, at once or each in a TLS record of its own. At first, and when it is asked for no frames, it sends one
 * whole response with its usage, so that a measured process can show that it has read it, and a message that this is all.
 *
 * With a key and a certificate in its parameters it also listens with TLS.
 */
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { WebSocketServer } from 'ws'

const certificate = JSON.parse(process.argv[2] ?? '{}')

const TEXT_DELTA =
  '{"type":"response.output_text.delta","event_id":"event_1","response_id":"resp_1","delta":"'
const AUDIO_DELTA =
  '{"type":"response.output_audio.delta","event_id":"event_1","response_id":"resp_1","delta":"'
const AUDIO_PART = '{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm","data":"'
const MESSAGES = {
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
/** No event of either protocol. */
const READY = '{"type":"ready"}'
const FINAL_TEXT = 0x81
const LENGTH_16_BITS = 126
const LENGTH_64_BITS = 127

function fill(head, unit, tail, bytes) {
  const room = bytes - head.length - tail.length
  return Buffer.from(head + unit.repeat(Math.ceil(room / unit.length)).slice(0, room) + tail)
}

/** The frame of a message of at least 126 bytes, as a server writes it (RFC 6455, section 5.2). */
function createFrame(message) {
  const isLong = message.length >= 2 ** 16
  const header = Buffer.alloc(isLong ? 10 : 4)
  header[0] = FINAL_TEXT
  header[1] = isLong ? LENGTH_64_BITS : LENGTH_16_BITS
  if (isLong) header.writeBigUInt64BE(BigInt(message.length), 2)
  else header.writeUInt16BE(message.length, 2)
  return Buffer.concat([header, message])
}

const batches = new Map()

/** Made once: while it is measured, the server has little to do. */
function createBatch(name, frames) {
  const key = `${name} ${frames}`
  if (!batches.has(key)) batches.set(key, Buffer.concat(Array(frames).fill(createFrame(MESSAGES[name]))))
  return batches.get(key)
}

/** Each after the one before has been written: otherwise Node makes one TLS record of several. */
async function sendApart(socket, name, frames) {
  for (let count = 0; count < frames; count++)
    await new Promise((resolve) => socket.write(createBatch(name, 1), resolve))
}

function serve(webSocket, socket, name) {
  const greet = () => {
    for (const message of name === 'gemini' ? GEMINI : OPENAI) webSocket.send(message)
    webSocket.send(READY)
  }
  greet()
  webSocket.on('message', (question) => {
    const { frames, areApart } = JSON.parse(question)
    if (frames === 0) greet()
    else if (areApart) void sendApart(socket, name, frames)
    else socket.write(createBatch(name, frames))
  })
}

async function listen(server) {
  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  server.on('upgrade', (request, socket, head) => {
    const name = new URL(request.url, 'http://x').searchParams.get('model')
    webSockets.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, socket, name))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${server.address().port}`
}

const origins = { realtime: `http://${await listen(createServer())}` }
if (certificate.key !== undefined)
  origins.realtimeSecure = `https://${await listen(createSecureServer(certificate))}`
process.send({ origins })
process.on('disconnect', () => process.exit(0))
