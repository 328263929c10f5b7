/** An OpenTelemetry SDK of our own, for applications that have none. */
import { setTimeout } from 'node:timers/promises'
import * as api from '@opentelemetry/api'
import type { IMetricReader } from '@opentelemetry/sdk-metrics'
import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node'
import type { Config, SdkEnvironment } from '../config.ts'
import { flushTracerProvider, hasTracerProvider } from './existing-providers.ts'
import { createMetricReaders } from './metric-readers.ts'

export interface OwnSdk {
  /** Resolves when `/metrics` is served (or cannot be). Never rejects. */
  readonly ready: Promise<unknown>
  /**
   * Hands on what is left, closes readers and exporters, and makes room for another SDK. Never rejects: each error
   * goes to `onError`.
   */
  shutdown(onError: (error: unknown) => void): Promise<void>
}

// SDK 2.x keeps the LoggerProvider apart from the other globals.
const LOGS_GLOBAL = Symbol.for('io.opentelemetry.js.api.logs')

// Readers are given to the SDK, and 0.204 to 0.209 would make those of the variable besides.
const METRICS_GIVEN = { OTEL_METRICS_EXPORTER: 'none' }
// By default logs are pushed to localhost; with an empty list of processors an idle LoggerProvider would be
// installed that the application cannot replace. Only the variable says "none".
const NOTHING_ELSE = { ...METRICS_GIVEN, OTEL_LOGS_EXPORTER: 'none' }
// The usual ones and, as the weakest, a made-up `service.instance.id`: without one, a Collector would mix the
// counters of all replicas that push to it. A scrape names its target itself.
const NAMED_INSTANCE = { OTEL_NODE_RESOURCE_DETECTORS: 'serviceinstance,env,process,host' }
const MAX_SETTLE_MS = 1000

/**
 * Starts a NodeSDK with the readers that options and environment ask for. Spans and logs are exported only when
 * a standard variable asks for it; a TracerProvider that is there already (an error tracker's, say) stays in charge
 * of spans, and of context and propagation with them.
 */
export function startOwnSdk(config: Config, environment: SdkEnvironment): OwnSdk {
  const foreignTraces = hasTracerProvider()
  const hadLogs = LOGS_GLOBAL in globalThis
  const readers = createMetricReaders(config.prometheus, environment)
  const [first] = readers.all

  const configuration: Partial<NodeSDKConfiguration> = {
    metricReaders: [...readers.all],
    instrumentations: [],
  }
  // Left out, spans would go to a collector on localhost.
  if (foreignTraces || !environment.exportTraces) configuration.spanProcessors = []
  // null means "leave as it is"; the type of the context manager has not heard of it.
  if (foreignTraces) Object.assign(configuration, { contextManager: null, textMapPropagator: null })

  const variables = {
    ...(environment.exportLogs ? METRICS_GIVEN : NOTHING_ELSE),
    ...(environment.metricExporters.length > 0 && !environment.choosesDetectors && NAMED_INSTANCE),
  }
  const sdk = withVariables(variables, () => startSdk(configuration))
  const ready = Promise.all([readers.serve(), settleResource(first)])

  return {
    ready,
    async shutdown(onError) {
      await ready
      if (foreignTraces) await flushTracerProvider(onError)
      await sdk.shutdown().catch(onError)
      api.metrics.disable()
      if (!foreignTraces) {
        api.trace.disable()
        api.context.disable()
        api.propagation.disable()
      }
      if (environment.exportLogs && !hadLogs) removeLogs()
    },
  }
}

function startSdk(configuration: Partial<NodeSDKConfiguration>): NodeSDK {
  const sdk = new NodeSDK(configuration)
  sdk.start()
  return sdk
}

/** Runs `action` with other values in `process.env`; it is synchronous, so nobody else sees them. */
function withVariables<T>(values: Readonly<Record<string, string>>, action: () => T): T {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]))
  Object.assign(process.env, values)
  try {
    return action()
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

/**
 * Resource detectors answer late (`host.id` is read from a file), and nobody but a pushing exporter waits for them:
 * without this, the SDK would log an error at every scrape and never show what they found. Waits 1 s at most.
 */
async function settleResource(reader: IMetricReader | undefined): Promise<void> {
  try {
    const settled = reader
      ?.collect()
      .then(({ resourceMetrics }) => resourceMetrics.resource.waitForAsyncAttributes?.())
    await Promise.race([settled, setTimeout(MAX_SETTLE_MS, undefined, { ref: false })])
  } catch {
    // Then the resource stays as it is.
  }
}

function removeLogs(): void {
  delete (globalThis as { [LOGS_GLOBAL]?: unknown })[LOGS_GLOBAL]
  // API 1.10 has taken the logs in. By reflection: a bundler refuses the name of an export that 1.9 does not have.
  const logs = Reflect.get(api, 'logs') as { disable?: () => void } | undefined
  logs?.disable?.()
}
