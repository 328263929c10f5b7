// What is switched on and off around the slices. Each comes with everything it makes the application use.
import { OpenAIInstrumentation } from '@opentelemetry/instrumentation-openai'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { AimlapiInstrumentation } from '../../../dist/index.mjs'
import { flushSpans, provide, stopContext } from './telemetry.mjs'
import { API_KEY } from './workloads.mjs'

function createOurs(baseUrls, sampled) {
  const instrumentation = new AimlapiInstrumentation({
    enabled: false,
    apiKey: API_KEY,
    baseUrls,
    // Its requests would come into the slices; they are one a minute.
    balance: false,
  })
  provide(instrumentation, sampled)
  return instrumentation
}

const PEERS = {
  'instrumentation-undici': UndiciInstrumentation,
  'instrumentation-openai': OpenAIInstrumentation,
}
const created = new Map()

/** One for the process: of several, the first alone would be told of the `openai` package. */
function findPeer(name) {
  if (!created.has(name)) {
    // Not `enabled: false`: instrumentation-undici would ignore every request for good.
    const instrumentation = new PEERS[name]()
    provide(instrumentation)
    instrumentation.disable()
    created.set(name, toggle(instrumentation))
  }
  return created.get(name)
}

/** A subject that is switched on and, after everything it still had to do is done, off. */
function toggle(instrumentation) {
  return {
    on: () => instrumentation.enable(),
    async off() {
      instrumentation.disable()
      await instrumentation.shutdown?.()
      await flushSpans()
      stopContext()
    },
  }
}

/** Nothing in either state, after the same commotion: its spread is what the machine and the switching make. */
function createControl(subject) {
  return {
    async on() {
      await subject.on()
      await subject.off()
    },
    off: () => subject.on().then(subject.off),
  }
}

/** By name. The control comes first and the rest in the order of the table. */
export function createSubjects({ peers, sampling = false }, baseUrls) {
  const ours = toggle(createOurs(baseUrls, true))
  return {
    control: createControl({ on: async () => ours.on(), off: ours.off }),
    ours,
    ...(sampling && { 'ours-unsampled': toggle(createOurs(baseUrls, false)) }),
    ...Object.fromEntries(peers.map((name) => [name, findPeer(name)])),
  }
}
