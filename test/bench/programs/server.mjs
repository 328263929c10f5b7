// The other side, in a process of its own: one port per answer, raw sockets, bytes that were made before.
import { createServer } from 'node:net'
import {
  ANSWERS,
  createChatEvents,
  frameChunk,
  ID_PLACE,
  LAST_CHUNK,
  TIMED_EVENT,
  TIME_PLACE,
} from './answers.mjs'

/** A paced stream: so many timed chunks at this distance, then the events with usage and cost. */
const PACED_CHUNKS = 24
const PACE_MS = 2
const PACED_END = Buffer.concat([...createChatEvents(5).slice(-3).map(frameChunk), LAST_CHUNK])

let answersSent = 0

/** The whole answer as one buffer, and where its id stands. */
function prepare({ head, parts }) {
  const bytes = Buffer.concat([Buffer.from(head), ...parts])
  return { headLength: head.length, bytes, idAt: head.indexOf(ID_PLACE) }
}

/** Every generation has an id of its own. The head is copied: an earlier one may still be in a queue. */
function sendWhole(socket, { headLength, bytes, idAt }) {
  answersSent++
  if (idAt === -1) return void socket.write(bytes)
  const head = Buffer.from(bytes.subarray(0, headLength))
  head.write(String(answersSent).padStart(ID_PLACE.length, 'b'), idAt, 'latin1')
  socket.cork()
  socket.write(head)
  socket.write(bytes.subarray(headLength))
  socket.uncork()
}

function sendPaced(socket, prepared) {
  sendWhole(socket, prepared)
  const timeAt = TIMED_EVENT.indexOf(TIME_PLACE)
  let sent = 0
  const timer = setInterval(() => {
    if (sent++ === PACED_CHUNKS || socket.destroyed) {
      clearInterval(timer)
      if (!socket.destroyed) socket.write(PACED_END)
      return
    }
    const event = Buffer.from(TIMED_EVENT)
    event.write(String(process.hrtime.bigint()).padStart(TIME_PLACE.length, '0'), timeAt, 'latin1')
    socket.write(event)
  }, PACE_MS)
}

/** Just enough HTTP: requests one after the other, with a content-length or without a body. */
function serve(socket, answer) {
  let received = Buffer.alloc(0)
  socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    for (;;) {
      const headLength = received.indexOf('\r\n\r\n') + 4
      if (headLength === 3) return
      const head = received.latin1Slice(0, headLength)
      const bodyLength = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
      if (received.length < headLength + bodyLength) return
      received = received.subarray(headLength + bodyLength)
      answer(socket)
    }
  })
}

function listen(name, answer) {
  const prepared = prepare(answer)
  const send = name === 'paced' ? sendPaced : sendWhole
  const server = createServer((socket) => serve(socket, (to) => send(to, prepared)))
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve([name, `http://127.0.0.1:${server.address().port}`]))
  })
}

const origins = await Promise.all(Object.entries(ANSWERS).map(([name, answer]) => listen(name, answer)))
process.send({ origins: Object.fromEntries(origins) })
process.on('disconnect', () => process.exit(0))
