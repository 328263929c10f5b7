// A workload with one subject switched on for good, profiled once it is warm: time, or allocations.
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { pinToFirstCpu } from './pin.mjs'
import { timeCalls } from './slices.mjs'
import { callIn, startSubject } from './subjects.mjs'
import { DEFAULT_BASE_URL, WORKLOADS } from './workloads.mjs'

const { origins, workload: name, subject, file, kind } = JSON.parse(process.argv[2])
const WARM_UP_MS = 6000
const PROFILED_MS = 5000
const INTERVAL_US = 200
const INTERVAL_BYTES = 1024

pinToFirstCpu()
const workload = WORKLOADS[name]
const origin = origins[workload.answer]
await startSubject(subject, workload, [workload.foreign ? DEFAULT_BASE_URL : origin])
const call = callIn(workload.call(origin))
await timeCalls(call, WARM_UP_MS)

const session = new Session()
session.connect()
const profilers = {
  async cpu() {
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US })
    await session.post('Profiler.start')
    return 'Profiler.stop'
  },
  async heap() {
    await session.post('HeapProfiler.startSampling', {
      samplingInterval: INTERVAL_BYTES,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    })
    return 'HeapProfiler.stopSampling'
  },
}
const stop = await profilers[kind]()
const { calls } = await timeCalls(call, PROFILED_MS)
const { profile } = await session.post(stop)
writeFileSync(file, JSON.stringify(profile))
process.send({ calls })
process.exit(0)
