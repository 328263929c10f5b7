// The other side, in a process of its own: one port per answer, raw sockets, bytes that were made before.
import { ANSWERS, ID_PLACE } from './answers.mjs'
import { serveAnswers } from './http-server.mjs'
import { pinToFirstCpu } from './pin.mjs'

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

function createAnswer(answer) {
  const prepared = prepare(answer)
  return (socket) => sendWhole(socket, prepared)
}

pinToFirstCpu()
await serveAnswers(
  Object.fromEntries(Object.entries(ANSWERS).map(([name, answer]) => [name, createAnswer(answer)])),
)
