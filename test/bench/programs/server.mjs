// The other side, in a process of its own: one port per answer, raw sockets, bytes that were made before.
import {
  ANSWERS,
  createChatEvents,
  frameChunk,
  ID_PLACE,
  LAST_CHUNK,
  TIMED_EVENT,
  TIME_PLACE,
} from './answers.mjs'
import { serveAnswers } from './http-server.mjs'

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

function createAnswer(name, answer) {
  const prepared = prepare(answer)
  const send = name === 'paced' ? sendPaced : sendWhole
  return (socket) => send(socket, prepared)
}

await serveAnswers(
  Object.fromEntries(Object.entries(ANSWERS).map(([name, answer]) => [name, createAnswer(name, answer)])),
)
