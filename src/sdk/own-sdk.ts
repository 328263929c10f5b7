/** An OpenTelemetry SDK of our own, for applications that have none. */
import * as api from '@opentelemetry/api'
import type { IMetricReader } from '@opentelemetry/sdk-metrics'
import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node'
import type { Config, SdkEnvironment } from '../config.ts'
import { hasTracerProvider } from './existing-providers.ts'
import { createMetricReaders } from './metric-readers.ts'

export interface OwnSdk {
  /** Hands on what is left, closes readers and exporters, and makes room for another SDK. */
  shutdown(): Promise<void>
}

// SDK 2.x keeps the LoggerProvider apart from the other globals.
const LOGS_GLOBAL = Symbol.for('io.opentelemetry.js.api.logs')

/**
 * Starts a NodeSDK with the readers that options and environment ask for. Spans and logs are exported only when
 * a standard variable asks for it; a TracerProvider that is there already (an error tracker's, say) stays in charge
 * of spans, and of context and propagation with them.
 */
export function startOwnSdk(config: Config, environment: SdkEnvironment): OwnSdk {
  const foreignTraces = hasTracerProvider()
  const hadLogs = LOGS_GLOBAL in globalThis
  const [first, ...rest] = createMetricReaders(config.prometheus, environment)
  const metricReaders = first === undefined ? [] : [first, ...rest]

  const configuration: Partial<NodeSDKConfiguration> = {
    metricReaders,
    // SDK 0.200 to 0.203 know one reader only, by this name; every later one prefers the plural.
    ...(first !== undefined && { metricReader: first }),
    instrumentations: [],
  }
  // Left out, both would go to a collector on localhost.
  if (foreignTraces || !environment.exportTraces) configuration.spanProcessors = []
  if (!environment.exportLogs) configuration.logRecordProcessors = []
  // null means "leave as it is"; the type of the context manager has not heard of it.
  if (foreignTraces) Object.assign(configuration, { contextManager: null, textMapPropagator: null })

  const sdk = new NodeSDK(configuration)
  sdk.start()
  if (first !== undefined) void settleResource(first)

  return {
    async shutdown() {
      try {
        await sdk.shutdown()
      } finally {
        api.metrics.disable()
        if (!foreignTraces) {
          api.trace.disable()
          api.context.disable()
          api.propagation.disable()
        }
        if (!hadLogs) removeLogs()
      }
    },
  }
}

/**
 * Resource detectors answer late (`host.id` is read from a file), and nobody but a pushing exporter waits for them:
 * without this, the SDK would log an error at every scrape and never show what they found.
 */
async function settleResource(reader: IMetricReader): Promise<void> {
  try {
    const { resourceMetrics } = await reader.collect()
    await resourceMetrics.resource.waitForAsyncAttributes?.()
  } catch {
    // Then the resource stays as it is.
  }
}

function removeLogs(): void {
  delete (globalThis as { [LOGS_GLOBAL]?: unknown })[LOGS_GLOBAL]
  // API 1.10 has taken the logs in.
  ;(api as { logs?: { disable?: () => void } }).logs?.disable?.()
}
