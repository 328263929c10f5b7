// Just enough HTTP for clients that keep their connections: requests one after the other, with a content-length.
import { createServer } from 'node:net'

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

/** One port per answer, named in a message to the parent; ends with it. */
export async function serveAnswers(answers) {
  const origins = {}
  for (const [name, answer] of Object.entries(answers)) {
    const server = createServer((socket) => serve(socket, answer))
    await new Promise((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve))
    origins[name] = `http://127.0.0.1:${server.address().port}`
  }
  process.send({ origins })
  process.on('disconnect', () => process.exit(0))
}
