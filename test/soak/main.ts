/** `npm run soak -- --seeds 20 --calls 2000`: exit code 1 and the seed when the books of one seed do not balance. */
import { parseArgs } from 'node:util'
import { findImbalance, runSoak } from './soak.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    calls: { type: 'string', default: '2000' },
    seed: { type: 'string' },
    settlement: { type: 'boolean', default: false },
  },
})
const firstSeed = Math.floor(Math.random() * 1e9)
const seeds =
  values.seed === undefined
    ? Array.from({ length: Number(values.seeds) }, (_, index) => String(firstSeed + index))
    : [values.seed]

let unbalanced = 0
for (const seed of seeds) {
  const result = await runSoak({ seed, calls: Number(values.calls), settlement: values.settlement })
  const imbalance = findImbalance(result)
  const sum = (sums: ReadonlyMap<string, number>): number => [...sums.values()].reduce((a, b) => a + b, 0)
  console.log(
    `seed ${seed}: ${result.requests} requests, counted ${sum(result.counted)} + missing ${sum(result.missing)}` +
      ` (${result.missingCalls} calls, metric ${result.missingMetric}) = ledger ${sum(result.ledger)}` +
      (imbalance.length === 0 ? '' : `  UNBALANCED: ${imbalance.join('; ')}`),
  )
  if (imbalance.length > 0) for (const suspect of result.suspects.slice(0, 20)) console.log(`  ${suspect}`)
  if (imbalance.length > 0 || result.missingCalls !== result.missingMetric) unbalanced++
}
console.log(`${seeds.length - unbalanced} passed, ${unbalanced} failed`)
process.exitCode = unbalanced === 0 ? 0 : 1
