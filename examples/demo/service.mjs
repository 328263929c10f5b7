// A small service that calls AI/ML API in many ways, for two teams. It is instrumented from outside:
//   AIMLAPI_METRIC_TAGS=team,feature node --import opentelemetry-instrumentation-aimlapi/register service.mjs
// All that it knows of the instrumentation is `withSpendTags`, which says who a call is for.
//
// DEMO_BASE_URL  where the API is (default https://api.aimlapi.com)
// DEMO_LIVE=1    only small, cheap requests, one every two seconds
import { setTimeout as wait } from 'node:timers/promises'
// In your own service: from 'opentelemetry-instrumentation-aimlapi'. Here it is the package just built.
import { withSpendTags } from '../../dist/index.mjs'
import { LIVE_TRAFFIC, SIMULATED_TRAFFIC } from './traffic.mjs'

const live = process.env.DEMO_LIVE === '1'
const traffic = live ? LIVE_TRAFFIC : SIMULATED_TRAFFIC
const workers = live ? 1 : 4
const pauseMs = live ? 2000 : 250

const stopping = new AbortController()

/** One of the rows, the heavier the likelier. */
function pick() {
  let left = Math.random() * traffic.reduce((sum, row) => sum + row.weight, 0)
  return traffic.find((row) => (left -= row.weight) < 0) ?? traffic[0]
}

async function work() {
  while (!stopping.signal.aborted) {
    const { team, feature, call } = pick()
    try {
      await withSpendTags({ team, feature }, call)
    } catch {
      // Broken-off streams, refused and failed calls belong to the demo. The metrics tell of each.
    }
    await wait(pauseMs * (0.5 + Math.random()), undefined, { signal: stopping.signal }).catch(() => {})
  }
}

function stop() {
  stopping.abort()
  // The channel to a parent would keep the process alive.
  if (process.connected) process.disconnect()
}

process.once('disconnect', stop)
process.once('SIGTERM', stop)
// Under a parent, a Ctrl-C in the terminal reaches this process too; the parent decides when to end.
process.on('SIGINT', () => process.send ?? stop())

await Promise.all(Array.from({ length: workers }, work))
