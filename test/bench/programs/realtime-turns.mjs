// Sessions of one process that are read in turns: one is observed, the others are another host's. What they differ by is
// what the observation of a frame costs, whatever the engine made of this process.
import { takeLastSpan } from './forget.mjs'
import { timeCalls, warmUp } from './slices.mjs'
import { startSubject } from './subjects.mjs'
import { WORKLOADS } from './workloads.mjs'

const { origins, workload: name, rounds, sliceMs, warmUpMs } = JSON.parse(process.argv[2])

const workload = WORKLOADS[name]
const flush = await startSubject('ours', workload, [origins.realtime])

/** As we override them, and nothing else. */
function passOn(socket) {
  for (const method of ['push', 'write']) {
    const original = socket[method]
    const value = function () {
      return Reflect.apply(original, this, arguments)
    }
    Object.defineProperty(socket, method, { value, configurable: true, writable: true })
  }
}

const sessions = [
  ['plain', workload.call(origins.elsewhere)],
  ['beside-control', workload.call(origins.elsewhere)],
  ['beside-empty', workload.call(origins.elsewhere, passOn)],
  ['beside-ours', workload.call(origins.realtime)],
]
const slices = Object.fromEntries(sessions.map(([session]) => [session, []]))
for (const [, call] of sessions) await timeCalls(call, warmUpMs)
for (let round = 0; round < rounds; round++) {
  const first = round % sessions.length
  for (const [session, call] of [...sessions.slice(first), ...sessions.slice(0, first)]) {
    await warmUp(call)
    slices[session].push(await timeCalls(call, sliceMs))
  }
}
await flush()
if (takeLastSpan() === undefined) throw new Error(`${name}: no span of the observed session`)
process.send({ version: process.versions.node, slices })
process.disconnect()
process.exit(0)
