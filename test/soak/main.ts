/** `npm run soak -- --seeds 20 --calls 2000`: exit code 1 and the seed when the books of one seed do not balance. */
import { parseArgs } from 'node:util'
import { findImbalance, runSoak, type SoakResult } from './soak.ts'
import { total } from './sums.ts'

const HELP = `Plays mixed calls against the simulator and compares what was counted with its ledger.

  --seeds <number>        how many new seeds, default 20
  --seed <text>           this one only: plays it again
  --calls <number>        of each seed, polls not counted; default 2000
  --settlement            with settlement, and aimlapi-exporter in a second process
  --interval-ms <number>  of settlement and ledger, default 5000
`
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    calls: { type: 'string', default: '2000' },
    seed: { type: 'string' },
    settlement: { type: 'boolean', default: false },
    'interval-ms': { type: 'string', default: '5000' },
    help: { type: 'boolean', default: false },
  },
})
const MAX_SUSPECTS = 20

function describe(result: SoakResult): string {
  const { seed, requests, counted, missing, missingCalls, ledger, decisions, charged, settledAfterMs } =
    result
  const settled =
    charged === undefined
      ? ''
      : ` = charged in the second process ${total(charged)}, nothing pending after ${settledAfterMs} ms`
  return (
    `seed ${seed}: ${requests} requests, counted ${total(counted)} + missing ${total(missing)}` +
    ` (${missingCalls} calls) = ledger ${total(ledger)} less ${total(decisions)} of routers' decisions${settled}`
  )
}

async function run(): Promise<number> {
  const firstSeed = Math.floor(Math.random() * 1e9)
  const seeds =
    values.seed === undefined
      ? Array.from({ length: Number(values.seeds) }, (_, index) => String(firstSeed + index))
      : [values.seed]
  let unbalanced = 0
  for (const seed of seeds) {
    const { settlement } = values
    const intervalMs = Number(values['interval-ms'])
    const result = await runSoak({ seed, calls: Number(values.calls), settlement, intervalMs })
    const imbalance = findImbalance(result)
    console.log(describe(result))
    if (imbalance.length === 0) continue
    unbalanced++
    for (const line of imbalance) console.log(`  UNBALANCED ${line}`)
    for (const suspect of result.suspects.slice(0, MAX_SUSPECTS)) console.log(`  ${suspect}`)
  }
  console.log(`${seeds.length - unbalanced} passed, ${unbalanced} failed`)
  return unbalanced === 0 ? 0 : 1
}

if (values.help) console.log(HELP)
else process.exitCode = await run()
