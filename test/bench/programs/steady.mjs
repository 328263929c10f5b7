// One measured process: one subject, switched on for good, and one workload. It warms up, then times a slice whenever
// it is asked for one.
import { takeLastSpan } from './forget.mjs'
import { pinToFirstCpu } from './pin.mjs'
import { countAllocations, timeCalls, warmUp } from './slices.mjs'
import { callIn, knowsCost, showsSpan, startSubject } from './subjects.mjs'
import { DEFAULT_BASE_URL, WORKLOADS } from './workloads.mjs'

/** @type {{ origins: Record<string, string>, workload: string, subject: string, warmUpMs: number, warmUpCalls?: number, isAlone: boolean }} */
const { origins, workload: name, subject, warmUpMs, warmUpCalls, isAlone } = JSON.parse(process.argv[2])
/** What the server charges in every answer. */
const CREDITS = 42

if (isAlone) pinToFirstCpu()
const workload = WORKLOADS[name]
const origin = origins[workload.answer]
const flush = await startSubject(subject, workload, [workload.foreign ? DEFAULT_BASE_URL : origin])
const call = callIn(workload.call(origin))

/** What does not do its work is fast: nothing counts that has not shown a span, ours with the cost in it. */
async function check() {
  await flush?.()
  const span = takeLastSpan()
  const isWhole = !knowsCost(subject) || span?.attributes['aimlapi.credits.used'] === CREDITS
  const isExpected = showsSpan(subject, workload) ? span !== undefined && isWhole : span === undefined
  if (!isExpected) throw new Error(`${name}: ${subject} did not show the span that it should`)
}

const answers = {
  async slice({ sliceMs }) {
    await warmUp(call)
    return timeCalls(call, sliceMs)
  },
  allocations: ({ calls }) => countAllocations(call, calls),
  async end() {
    await check()
    process.disconnect()
  },
}

process.on('message', async (message) => {
  const answer = await answers[message.ask](message)
  if (answer !== undefined) process.send(answer)
  else process.exit(0)
})
await timeCalls(call, warmUpMs, warmUpCalls)
process.send({ version: process.versions.node })
