// The measured process. Says what each slice took; who reads it makes the statistics.
import { createPacedTimer, timeCalls, warmUp } from './slices.mjs'
import { createSubjects } from './subjects.mjs'
import { takeLastSpan } from './telemetry.mjs'
import { DEFAULT_BASE_URL, WORKLOADS } from './workloads.mjs'

/** @type {{ origins: Record<string, string>, only: string[], pairs: number, sliceMs: number }} */
const { origins, only, pairs, sliceMs } = JSON.parse(process.argv[2])
const PACED_STREAMS = 4
/** What the server charges in every answer. */
const CREDITS = 42
/** Peers and sampling need fewer pairs: nothing is decided by their last percent. */
const SHARES = { control: 1, ours: 1 }
const OTHER_SHARE = 0.5
/** Until fetch and the instrumentations are compiled as well as they ever are. */
const COMPILATION_MS = 4000
const FIRST_ROUND_MS = 300
const ORDERS = [
  [false, true, true, false],
  [true, false, false, true],
]

/** The four slices of one pair, the drift of the machine cancelled to first order. */
async function measurePair(subject, order, warm, time) {
  const sums = { plain: [], on: [] }
  let isOn
  for (const wanted of order) {
    if (wanted !== isOn) await (wanted ? subject.on() : subject.off())
    isOn = wanted
    await warmUp(warm)
    sums[wanted ? 'on' : 'plain'].push(await time())
  }
  if (isOn) await subject.off()
  return sums
}

async function compile() {
  const workload = { ...WORKLOADS['fetch-json'], sampling: true }
  const call = workload.call(origins.json)
  for (const { on, off } of Object.values(createSubjects(workload, [origins.json])).slice(1)) {
    await on()
    await timeCalls(call, COMPILATION_MS)
    await off()
    await timeCalls(call, COMPILATION_MS)
  }
}

/** What does not do its work is fast: nothing is measured that has not shown a span, ours with the cost in it. */
function expectSpan(workload, subject, foreign) {
  const span = takeLastSpan()
  const isSilent = subject === 'control' || subject === 'ours-unsampled' || (subject === 'ours' && foreign)
  const isWhole = subject !== 'ours' || span?.attributes['aimlapi.credits.used'] === CREDITS
  if ((span === undefined) !== isSilent || (!isSilent && !isWhole))
    throw new Error(`${workload}: ${subject} did not show the span that it should`)
}

async function measureWorkload(name) {
  const workload = WORKLOADS[name]
  const { answer, call: createCall, foreign = false, paced = false } = workload
  const origin = origins[answer]
  const baseUrls = foreign ? [DEFAULT_BASE_URL] : paced ? [origin, origins.json] : [origin]
  const subjects = createSubjects(workload, baseUrls)
  const call = paced ? WORKLOADS['fetch-json'].call(origins.json) : createCall(origin)
  const time = paced ? createPacedTimer(createCall, origin, PACED_STREAMS) : () => timeCalls(call, sliceMs)

  // Compiled code, connections and the peers' hooks are there before anything counts.
  for (const [subject, { on, off }] of Object.entries(subjects)) {
    takeLastSpan()
    await on()
    await timeCalls(call, FIRST_ROUND_MS / 2)
    if (paced) await time()
    await off()
    expectSpan(name, subject, foreign)
    await timeCalls(call, FIRST_ROUND_MS / 2)
  }
  const wanted = Object.entries(subjects).map(([subject, toggle]) => ({
    subject,
    toggle,
    pairs: Math.ceil(pairs * (SHARES[subject] ?? OTHER_SHARE)),
    measured: [],
  }))
  for (let round = 0; round < pairs; round++)
    for (const { toggle, pairs: own, measured } of wanted)
      // Spread over the whole time, so that every subject sees the machine in all its moods.
      if (Math.floor((round * own) / pairs) === measured.length)
        measured.push(await measurePair(toggle, ORDERS[measured.length % 2], call, time))
  return Object.fromEntries(wanted.map(({ subject, measured }) => [subject, measured]))
}

await compile()
const { node: version } = process.versions
for (const name of only) process.send({ workload: name, version, subjects: await measureWorkload(name) })
process.exit(0)
