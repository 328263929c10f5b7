/** Reads one session, with or without the package, and says what a frame took of CPU time in each round. */
import { WebSocket } from 'ws'

const { origin, frame, observed, rounds, framesPerRound } = JSON.parse(process.argv[2])

if (observed) {
  const { AimlapiInstrumentation } = await import('../../../dist/index.mjs')
  void new AimlapiInstrumentation({ baseUrls: origin, balance: false, settlement: false })
}
const socket = new WebSocket(`${origin.replace('http', 'ws')}/v1/realtime?model=${frame}`)
const nanoseconds = []
let frames = 0
let before = process.cpuUsage()

socket.on('message', () => {
  if (++frames < framesPerRound) return
  const { user, system } = process.cpuUsage(before)
  nanoseconds.push(((user + system) * 1000) / frames)
  frames = 0
  before = process.cpuUsage()
  if (nanoseconds.length <= rounds) return
  // The first round warmed it up.
  process.send({ nanoseconds: nanoseconds.slice(1) })
  socket.close(1000)
})
socket.on('close', () => process.exit(0))
