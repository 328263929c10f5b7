// A workload with one subject switched on for good, profiled once it is warm.
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { timeCalls } from './slices.mjs'
import { createSubjects } from './subjects.mjs'
import { DEFAULT_BASE_URL, WORKLOADS } from './workloads.mjs'

const { origins, workload: name, subject, file, intervalUs } = JSON.parse(process.argv[2])
const WARM_UP_MS = 4000
const PROFILED_MS = 8000

const workload = WORKLOADS[name]
const origin = origins[workload.answer]
const subjects = createSubjects({ ...workload, sampling: true }, [
  workload.foreign ? DEFAULT_BASE_URL : origin,
])
const call = workload.call(origin, () => {})
await subjects[subject]?.on()
await timeCalls(call, WARM_UP_MS)

const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.setSamplingInterval', { interval: intervalUs })
await session.post('Profiler.start')
const { calls, cpuUs } = await timeCalls(call, PROFILED_MS)
const { profile } = await session.post('Profiler.stop')
writeFileSync(file, JSON.stringify(profile))
process.send({ calls, cpuUs })
process.exit(0)
