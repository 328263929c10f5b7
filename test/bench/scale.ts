/**
 * `npm run bench:scale`: what one use of each structure on the way of every call costs, by the number of entries in it.
 *
 *   --write   keep the figures in results.json, for `npm run docs`
 */
import { parseArgs } from 'node:util'
import { readResults, writeResults } from './results.ts'
import { SCALE_CASES, SIZES, type Use } from './scale-cases.ts'
import { formatScale } from './scale-table.ts'
import { median } from './statistics.ts'

const { values: options } = parseArgs({ options: { write: { type: 'boolean', default: false } } })
const ROUNDS = 7
const BATCH_CALLS = 2000
const ROUND_MS = 20

/** Nanoseconds of one use, the median of several rounds. */
function timeUse(use: Use): number {
  let step = 0
  const runBatch = (): void => {
    for (let call = 0; call < BATCH_CALLS; call++) use(step++)
  }
  const timeRound = (): number => {
    const startNs = process.hrtime.bigint()
    let batches = 0
    let elapsedNs = 0
    while (elapsedNs < ROUND_MS * 1e6) {
      runBatch()
      batches++
      elapsedNs = Number(process.hrtime.bigint() - startNs)
    }
    return elapsedNs / (batches * BATCH_CALLS)
  }
  timeRound()
  return median(Array.from({ length: ROUNDS }, timeRound))
}

const scale: Record<string, number[]> = {}
// Compiled with all kinds of sizes before the first counts.
for (const { fill } of SCALE_CASES) for (const size of SIZES) timeUse(fill(size))
for (const { name, fill } of SCALE_CASES) scale[name] = SIZES.map((size) => timeUse(fill(size)))
if (options.write) writeResults({ ...readResults(), scale })
console.log(formatScale({ scale }))
