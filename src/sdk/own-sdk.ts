/**
 * An OpenTelemetry SDK for applications that have none: a MeterProvider, and what the standard variables ask for. Nothing
 * else: a context manager or propagator of ours would keep out that of an error tracker or agent that is set up later.
 */
import { setTimeout } from 'node:timers/promises'
import * as api from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node'
import { loadBundled } from '../bundled.ts'
import { withVariables, type Config } from '../config.ts'
import {
  flushProvider,
  hasTracerProvider,
  installedTracerProvider,
  ownProviders,
} from './existing-providers.ts'
import { createMetricReaders } from './metric-readers.ts'
import { serveMetrics } from './metrics-server.ts'
import { createResource } from './resource.ts'

/** The SDK that `register()` has started. */
export type OwnSdk = ReturnType<typeof startOwnSdk>

// SDK 2.x keeps the LoggerProvider apart from the other globals.
const LOGS_GLOBAL = Symbol.for('io.opentelemetry.js.api.logs')
const MAX_DETECTORS_MS = 1000

/** Starts the SDK. Throws when the SDK does, and when its files are missing (`loadBundled`). */
export function startOwnSdk(config: Config) {
  const { sdk: environment, prometheus } = config
  const resource = createResource(environment)
  const readers = createMetricReaders(config, false)
  const provider = new (loadBundled('metrics').MeterProvider)({ resource, readers: readers.all })
  api.metrics.setGlobalMeterProvider(provider)
  ownProviders.add(provider)
  // A TracerProvider that is installed already (such as that of an error tracker) keeps the spans.
  const exportTraces = environment.exportTraces && !hasTracerProvider()
  const hadLogs = LOGS_GLOBAL in globalThis
  const signals = startSignals(resource, exportTraces, environment.exportLogs)
  const server = prometheus === false ? undefined : serveMetrics(prometheus, readers.text)
  const ready = Promise.all([server, awaitDetectors(resource)])

  return {
    text: readers.text,
    /** Flushes our providers, not those of the application. Never rejects: each error goes to `onError`. */
    async forceFlush(onError: (error: unknown) => void): Promise<void> {
      await ready
      await Promise.all([
        provider.forceFlush().catch(onError),
        exportTraces ? flushProvider(installedTracerProvider(), onError) : undefined,
      ])
    },
    /** Flushes, closes readers and exporters, and removes our providers from the API. */
    async shutdown(onError: (error: unknown) => void): Promise<void> {
      const [listening] = await ready
      await Promise.all([
        listening?.close(),
        provider.shutdown().catch(onError),
        signals?.shutdown().catch(onError),
      ])
      if (environment.exportLogs && !hadLogs) removeLogs()
      // What the application has set instead stays.
      if (api.metrics.getMeterProvider() === provider) api.metrics.disable()
      if (exportTraces && ownProviders.has(installedTracerProvider())) {
        api.trace.disable()
        api.context.disable()
        api.propagation.disable()
      }
    },
  }
}

/** Starts spans and logs by the standard variables; spans need context and propagation too. */
function startSignals(resource: Resource, exportTraces: boolean, exportLogs: boolean) {
  if (!exportTraces && !exportLogs) return undefined
  // null means "leave as it is"; the type of `contextManager` does not allow it.
  const noTraces: object = { spanProcessors: [], contextManager: null, textMapPropagator: null }
  const configuration: Partial<NodeSDKConfiguration> = {
    resource,
    autoDetectResources: false,
    metricReaders: [],
    instrumentations: [],
    ...(!exportTraces && noTraces),
  }
  const sdk = withVariables(
    {
      // An empty list of processors would install an idle LoggerProvider; only the variable prevents it.
      ...(!exportLogs && { OTEL_LOGS_EXPORTER: 'none' }),
      // The logger is set already, and the SDK would replace it.
      OTEL_LOG_LEVEL: undefined,
    },
    () => {
      const started = new (loadBundled('node-sdk').NodeSDK)(configuration)
      started.start()
      return started
    },
  )
  if (exportTraces) ownProviders.add(installedTracerProvider())
  return sdk
}

/** Waits 1 s at most. Else the SDK would log an error at every scrape, and never show what slow detectors have found. */
async function awaitDetectors(resource: Resource): Promise<void> {
  const limit = setTimeout(MAX_DETECTORS_MS, undefined, { ref: false })
  await Promise.race([resource.waitForAsyncAttributes?.(), limit]).catch(() => {})
}

function removeLogs(): void {
  delete (globalThis as { [LOGS_GLOBAL]?: unknown })[LOGS_GLOBAL]
  // API 1.10 has the logs in it. By reflection: a bundler refuses the name of an export that 1.9 does not have.
  const logs = Reflect.get(api, 'logs') as { disable?: () => void } | undefined
  logs?.disable?.()
}
