// Timed slices: what one costs is compared with its neighbours only, minutes apart nothing is comparable.
import { readFileSync } from 'node:fs'
import { performance, PerformanceObserver } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'

const MIN_CALLS = 3
/** After a while of standing by, caches are cold. */
const WARM_UP_MS = 30
const MAX_LATENCIES = 100_000
/** What is done after the calls belongs to them. */
const SETTLE_MS = 40

const latencies = new Float64Array(MAX_LATENCIES)

function readMedian(count) {
  const sorted = latencies.subarray(0, count).sort()
  const middle = count >> 1
  return count % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** CPU time of this thread in microseconds. Linux alone. */
function readThreadCpuUs() {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[0]) / 1000
  } catch {
    return undefined
  }
}

/**
 * CPU time so far in microseconds: of the process, and of this thread, which is without garbage collection and
 * compilation beside it.
 */
export function readCpu() {
  // Asking for the first brings the second up to date, which otherwise may be 4 ms old.
  const { user, system } = process.cpuUsage()
  return { processUs: user + system, threadUs: readThreadCpuUs() }
}

/** Calls one after the other, for at least so long or so many. Times in microseconds, per call. */
export async function timeCalls(call, sliceMs, maxCalls = MAX_LATENCIES) {
  const start = readCpu()
  const startMs = performance.now()
  let nowMs = startMs
  let count = 0
  while (count < maxCalls && (nowMs - startMs < sliceMs || count < MIN_CALLS)) {
    const beforeMs = nowMs
    await call()
    nowMs = performance.now()
    latencies[count++] = nowMs - beforeMs
  }
  const end = readCpu()
  return {
    calls: count,
    p50Us: readMedian(count) * 1000,
    cpuUs: (end.processUs - start.processUs) / count,
    ...(start.threadUs !== undefined && { threadCpuUs: (end.threadUs - start.threadUs) / count }),
  }
}

export async function warmUp(call) {
  const startMs = performance.now()
  do await call()
  while (performance.now() - startMs < WARM_UP_MS)
}

/**
 * Bytes put on the heap per call, those in buffers beside it not counted. The process must have a young generation
 * (--min-semi-space-size) that the calls do not fill. When garbage was collected in between, nothing can be said, and
 * half as many calls are tried.
 * @throws Error when not even a few calls pass without.
 */
export async function countAllocations(call, calls) {
  if (calls < MIN_CALLS) throw new Error('garbage is collected too often to count allocations')
  await setTimeout(SETTLE_MS)
  globalThis.gc()
  let collections = 0
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length
  })
  observer.observe({ entryTypes: ['gc'] })
  const beforeBytes = process.memoryUsage().heapUsed
  for (let count = 0; count < calls; count++) await call()
  await setTimeout(SETTLE_MS)
  const bytes = process.memoryUsage().heapUsed - beforeBytes
  observer.disconnect()
  if (collections > 0) return countAllocations(call, calls >> 1)
  return { bytesPerCall: bytes / calls }
}
