// One session, whose frames are read in turns with and without the observation of its socket. What neighbouring turns
// differ by is what the observation of a frame costs: all else is the same, down to the engine's code.
import { performance } from 'node:perf_hooks'
import { openObserved, receiveBy } from './realtime-observed.mjs'
import { readCpu } from './slices.mjs'

/**
 * Beside what opens the session:
 * @type {{ warmFrames: number, frames: number, warmUpMs: number, durationMs: number }}
 */
const { warmFrames, frames, warmUpMs, durationMs, ...opened } = JSON.parse(process.argv[2])
const { session, observed, plain, check } = await openObserved(opened)
const { socket } = session

const TURNS = { plain, observed, control: plain }
/** Each before and after each other equally often. */
const ORDERS = [
  ['plain', 'observed', 'control'],
  ['control', 'observed', 'plain'],
  ['observed', 'control', 'plain'],
  ['plain', 'control', 'observed'],
  ['control', 'plain', 'observed'],
  ['observed', 'plain', 'control'],
]

/** CPU time of the main thread per frame, in nanoseconds. Between turns whole messages have passed. */
async function timeTurn(push) {
  receiveBy(socket, push)
  let start
  let end
  await session.readFrames(warmFrames + frames, (count) => {
    // The first frames of a turn find their code cold.
    if (count === warmFrames) start = readCpu()
    else if (count === warmFrames + frames) end = readCpu()
  })
  const { threadUs = start.processUs } = start
  return (((end.threadUs ?? end.processUs) - threadUs) / frames) * 1000
}

async function timeRounds(forMs) {
  const rounds = []
  const startMs = performance.now()
  while (performance.now() - startMs < forMs) {
    const round = {}
    for (const name of ORDERS[rounds.length % ORDERS.length]) round[name] = await timeTurn(TURNS[name])
    rounds.push(round)
  }
  return rounds
}

await timeRounds(warmUpMs)
const rounds = await timeRounds(durationMs)
receiveBy(socket, observed)
await check()
process.send({ rounds }, () => process.exit(0))
