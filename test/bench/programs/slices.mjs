// Timed slices: what one costs is compared with its neighbours only, minutes apart nothing is comparable.
import { performance } from 'node:perf_hooks'

const MIN_CALLS = 3
const WARM_UP_CALLS = 3
const WARM_UP_MS = 40
const MAX_LATENCIES = 100_000

const latencies = new Float64Array(MAX_LATENCIES)

function readMedian(count) {
  const sorted = latencies.subarray(0, count).sort()
  const middle = count >> 1
  return count % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Calls one after the other for at least so long. Times in microseconds. */
export async function timeCalls(call, sliceMs) {
  const startCpu = process.cpuUsage()
  const startMs = performance.now()
  let nowMs = startMs
  let count = 0
  while (nowMs - startMs < sliceMs || count < MIN_CALLS) {
    const beforeMs = nowMs
    await call()
    nowMs = performance.now()
    latencies[count++] = nowMs - beforeMs
  }
  const { user, system } = process.cpuUsage(startCpu)
  return {
    calls: count,
    p50Us: readMedian(count) * 1000,
    cpuUs: (user + system) / count,
    wallUs: ((nowMs - startMs) * 1000) / count,
  }
}

/** Streams side by side; the delays of their chunks stand in for latencies. */
export function createPacedTimer(createCall, origin, streams) {
  let count = 0
  const call = createCall(origin, (delayNs) => {
    latencies[count++] = delayNs / 1000
  })
  return async () => {
    count = 0
    const startCpu = process.cpuUsage()
    await Promise.all(Array.from({ length: streams }, call))
    const { user, system } = process.cpuUsage(startCpu)
    return { calls: streams, p50Us: readMedian(count), cpuUs: (user + system) / streams, wallUs: 0 }
  }
}

/** Things settle after a switch: what is compiled, allocated and looked up once must not be in the slice. */
export async function warmUp(call) {
  globalThis.gc({ type: 'minor' })
  const startMs = performance.now()
  for (let calls = 0; calls < WARM_UP_CALLS || performance.now() - startMs < WARM_UP_MS; calls++) await call()
}
