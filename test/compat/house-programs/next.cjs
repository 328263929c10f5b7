/** `next start` of the built application, as a process of its own: says its port, and ends when its input closes. */
const { spawn } = require('node:child_process')
const { createServer } = require('node:net')
const path = require('node:path')

const probe = createServer().listen(0, '127.0.0.1', () => {
  const { port } = probe.address()
  probe.close(() => start(port))
})

function start(port) {
  const next = path.join(__dirname, '../node_modules/next/dist/bin/next')
  const folder = path.join(__dirname, 'next-app')
  const child = spawn(process.execPath, [next, 'start', folder, '-p', String(port), '-H', '127.0.0.1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const wasReady = /Ready in/.test(said)
    said += text
    if (!wasReady && /Ready in/.test(said)) process.stdout.write(`${JSON.stringify({ port })}\n`)
  })
  child.once('exit', (code, signal) => {
    process.stdout.write(`${JSON.stringify({ unhandled: [] })}\n`)
    // Next.js ends with 143 when it is told to.
    process.exitCode = code === 143 || signal === 'SIGTERM' ? 0 : (code ?? 1)
  })
  // Spans are handed on every 50 ms; Next.js itself hands on nothing when it ends.
  process.stdin.resume().on('end', () => setTimeout(() => child.kill('SIGTERM'), 2000))
}
