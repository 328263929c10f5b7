/** `npm run soak -- --seeds 20 --calls 2000`: exit code 1 and the seed when the books of one seed do not balance. */
import { parseArgs } from 'node:util'
import { createClient } from '../../src/account/client.ts'
import { createRandom } from '../simulator/random.ts'
import { runAccount } from './account-run.ts'
import { createSteppedClock } from './stepped-clock.ts'
import { findImbalance, runSoak, type SoakResult } from './soak.ts'
import { total } from './sums.ts'

const HELP = `Plays mixed calls against the simulator and compares what was counted with its ledger.

  --seeds <number>        how many new seeds, default 20
  --seed <text>           this one only: plays it again
  --calls <number>        of each seed, polls not counted; default 2000
  --settlement            with settlement, and aimlapi-exporter in a second process
  --account               a whole account instead, on a virtual clock: 200 charges a second, 5 % of the answers failing
  --minutes <number>      of charges, with --account; default 10
  --interval-ms <number>  of settlement and ledger, default 5000
`
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    calls: { type: 'string', default: '2000' },
    seed: { type: 'string' },
    settlement: { type: 'boolean', default: false },
    account: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '10' },
    'interval-ms': { type: 'string', default: '5000' },
    help: { type: 'boolean', default: false },
  },
})
const MAX_SUSPECTS = 20
const MAX_ERROR = 0.005
const MAX_REQUESTS_PER_SECOND = 2

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

/** The charges last over midnight at the end of a month. */
async function isAccountRight(seed: string): Promise<boolean> {
  const minutes = Number(values.minutes)
  const clock = createSteppedClock(Date.UTC(2026, 3, 1) - (minutes / 2) * 60_000, createRandom(seed).next)
  const result = await runAccount({
    seed,
    clock,
    pass: (ms) => clock.pass(ms),
    client: clock.watch(createClient()),
    chargesPerSecond: 200,
    minutes,
    settlingMinutes: 6,
    failing: 0.05,
  })
  const { charges, requestsPerSecond, comparisons } = result
  console.log(`seed ${seed}: ${charges} charges, ${requestsPerSecond.toFixed(2)} requests a second`)
  const wrong = comparisons.filter(({ found, booked }) => !(Math.abs(found - booked) <= booked * MAX_ERROR))
  for (const { what, found, booked } of wrong)
    console.log(`  WRONG ${what}: found ${found}, booked ${booked}`)
  return wrong.length === 0 && requestsPerSecond <= MAX_REQUESTS_PER_SECOND
}

async function isBalanced(seed: string): Promise<boolean> {
  const { settlement } = values
  const intervalMs = Number(values['interval-ms'])
  const result = await runSoak({ seed, calls: Number(values.calls), settlement, intervalMs })
  const imbalance = findImbalance(result)
  console.log(describe(result))
  if (imbalance.length === 0) return true
  for (const line of imbalance) console.log(`  UNBALANCED ${line}`)
  for (const suspect of result.suspects.slice(0, MAX_SUSPECTS)) console.log(`  ${suspect}`)
  return false
}

async function run(): Promise<number> {
  const firstSeed = Math.floor(Math.random() * 1e9)
  const seeds =
    values.seed === undefined
      ? Array.from({ length: Number(values.seeds) }, (_, index) => String(firstSeed + index))
      : [values.seed]
  const isRight = values.account ? isAccountRight : isBalanced
  let failed = 0
  for (const seed of seeds) if (!(await isRight(seed))) failed += 1
  console.log(`${seeds.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

if (values.help) console.log(HELP)
else process.exitCode = await run()
