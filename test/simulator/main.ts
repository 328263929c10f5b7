/**
 * The simulator as a process of its own, for the demo and for containers:
 * `npx tsx test/simulator/main.ts --port 8080 --account default=<key>`.
 *
 * Started with an IPC channel it sends `{ url }` when it listens, answers every message with the sums of its
 * ledger, and ends when the channel closes.
 */
import { parseArgs } from 'node:util'
import { DEFAULT_KEY, startSimulator, type Simulator } from './index.ts'

const HELP = `A local AI/ML API with a ledger.

  --port <number>            default 8080; 0 takes any free port
  --host <address>           default 127.0.0.1
  --seed <text>              same seed, same answers
  --account <name=key>       may repeat; default: default=${DEFAULT_KEY}
  --balance-usd <number>     of each account at the start; default 50
  --auto-top-up-usd <number> added whenever a balance falls below a fifth of it; default 0: never
  --key-limit-usd <number>   monthly spending limit of each key; default 0: none
  --latency-ms <min-max>     before each answer; default 0-0
  --pace-ms <number>         between the chunks of a stream; default 0
  --lag-ms <number>          until a charge stands in the account's log and transactions; default 0
  --fault <probability:fault>  may repeat; hits inference calls, e.g. 0.02:status=429
`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8080' },
    host: { type: 'string', default: '127.0.0.1' },
    seed: { type: 'string', default: 'aimlapi' },
    account: { type: 'string', multiple: true, default: [`default=${DEFAULT_KEY}`] },
    'balance-usd': { type: 'string', default: '50' },
    'auto-top-up-usd': { type: 'string', default: '0' },
    'key-limit-usd': { type: 'string', default: '0' },
    'latency-ms': { type: 'string', default: '0-0' },
    'pace-ms': { type: 'string', default: '0' },
    'lag-ms': { type: 'string', default: '0' },
    fault: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
})

/** Sums stay exact beyond it. */
const MAX_LEDGER_ENTRIES = 20_000
const CREDITS_PER_USD = 2_000_000

async function start(): Promise<Simulator> {
  const amountUsd = Number(values['auto-top-up-usd'])
  const [minimumMs = 0, maximumMs = minimumMs] = values['latency-ms'].split('-').map(Number)
  const lagMs = Number(values['lag-ms'])
  const limitUsd = Number(values['key-limit-usd'])
  const limit = limitUsd > 0 ? { limit: { retention: 'month' as const, thresholdUsd: limitUsd } } : {}
  const simulator = await startSimulator({
    port: Number(values.port),
    host: values.host,
    seed: values.seed,
    accounts: values.account.map((text) => {
      const at = text.indexOf('=')
      return {
        name: text.slice(0, at),
        keys: [{ key: text.slice(at + 1), ...limit }],
        balanceCredits: Math.round(Number(values['balance-usd']) * CREDITS_PER_USD),
        autoTopUp: { enabled: amountUsd > 0, thresholdUsd: amountUsd / 5, amountUsd },
      }
    }),
    behaviour: { paceMs: Number(values['pace-ms']) },
    latencyMs: [minimumMs, maximumMs],
    transactionLagMs: lagMs,
    logLagMs: lagMs,
    maxLedgerEntries: MAX_LEDGER_ENTRIES,
  })
  for (const text of values.fault) {
    const at = text.indexOf(':')
    simulator.misbehave({ method: 'POST', probability: Number(text.slice(0, at)), fault: text.slice(at + 1) })
  }
  return simulator
}

function serve(simulator: Simulator): void {
  const stop = (): void => {
    // The channel to a parent would keep the process alive.
    if (process.connected) process.disconnect()
    void simulator.close()
  }
  // npm sends on what the terminal has sent already: a second signal must not kill what the first one closes.
  process.on('SIGTERM', stop)
  if (process.send === undefined) {
    process.on('SIGINT', stop)
    console.log(`AI/ML API simulator: ${simulator.url}`)
    return
  }
  // A Ctrl-C in a terminal reaches this process too; the parent decides when to end.
  process.on('SIGINT', () => {})
  process.once('disconnect', stop)
  process.on('message', () => {
    const held = simulator.ledger.sum({ status: 'held' })
    process.send?.({ charged: simulator.ledger.sum().credits, held: held.credits })
  })
  process.send({ url: simulator.url })
}

/** One line for what the caller can mend: a port that is taken, a fault that does not exist. */
function complain(error: unknown): void {
  console.error(`simulator: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
  if (process.connected) process.disconnect()
}

if (values.help) console.log(HELP)
else await start().then(serve, complain)
