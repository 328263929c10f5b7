import { t as createMetricReaders } from './metric-readers-SSa7IUYU.mjs'
import {
  S as resolveConfig,
  j as resolveSdkEnvironment,
  k as SCOPE_NAME,
} from './account-metrics-DotbwETn.mjs'
import { t as AimlapiInstrumentation } from './instrumentation-BMXgWTKQ.mjs'
import { t as ensureLogger } from './diagnostics-DPWJhAHK.mjs'
import * as api from '@opentelemetry/api'
import { createNoopMeter, diag, metrics, trace } from '@opentelemetry/api'
import { setTimeout as setTimeout$1 } from 'node:timers/promises'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { isMainThread } from 'node:worker_threads'
//#region src/sdk/existing-providers.ts
/** The providers that are installed globally: the host's, or those of an SDK of our own. */
/** Whether somebody has installed a MeterProvider: without one, the API hands out one and the same idle meter. */
function hasMeterProvider() {
  return metrics.getMeter(SCOPE_NAME) !== createNoopMeter()
}
/** Whether somebody has installed a TracerProvider behind the API's proxy. */
function hasTracerProvider() {
  const provider = trace.getTracerProvider()
  return (
    provider.getDelegateTracer === void 0 ||
    provider.getDelegateTracer('opentelemetry-instrumentation-aimlapi') !== void 0
  )
}
/** Has every installed provider hand on what it holds. Never rejects: each error goes to `onError`. */
async function flushProviders(onError) {
  await Promise.all([flush(metrics.getMeterProvider(), onError), flushTracerProvider(onError)])
}
/** The same for spans alone. */
function flushTracerProvider(onError) {
  return flush(installedTracerProvider(), onError)
}
async function flush(provider, onError) {
  try {
    await provider.forceFlush?.()
  } catch (error) {
    onError(error)
  }
}
function installedTracerProvider() {
  const provider = trace.getTracerProvider()
  return provider.getDelegate?.() ?? provider
}
//#endregion
//#region src/sdk/own-sdk.ts
/** An OpenTelemetry SDK of our own, for applications that have none. */
const LOGS_GLOBAL = Symbol.for('io.opentelemetry.js.api.logs')
const METRICS_GIVEN = { OTEL_METRICS_EXPORTER: 'none' }
const NOTHING_ELSE = {
  ...METRICS_GIVEN,
  OTEL_LOGS_EXPORTER: 'none',
}
const MAX_SETTLE_MS = 1e3
/**
 * Starts a NodeSDK with the readers that options and environment ask for. Spans and logs are exported only when
 * a standard variable asks for it; a TracerProvider that is there already (an error tracker's, say) stays in charge
 * of spans, and of context and propagation with them.
 */
function startOwnSdk(config, environment) {
  const foreignTraces = hasTracerProvider()
  const hadLogs = LOGS_GLOBAL in globalThis
  const readers = createMetricReaders(config.prometheus, environment)
  const [first] = readers.all
  const configuration = {
    metricReaders: [...readers.all],
    instrumentations: [],
  }
  if (foreignTraces || !environment.exportTraces) configuration.spanProcessors = []
  if (foreignTraces)
    Object.assign(configuration, {
      contextManager: null,
      textMapPropagator: null,
    })
  const sdk = withVariables(environment.exportLogs ? METRICS_GIVEN : NOTHING_ELSE, () =>
    startSdk(configuration),
  )
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
function startSdk(configuration) {
  const sdk = new NodeSDK(configuration)
  sdk.start()
  return sdk
}
/** Runs `action` with other values in `process.env`; it is synchronous, so nobody else sees them. */
function withVariables(values, action) {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]))
  Object.assign(process.env, values)
  try {
    return action()
  } finally {
    for (const [name, value] of Object.entries(before))
      if (value === void 0) delete process.env[name]
      else process.env[name] = value
  }
}
/**
 * Resource detectors answer late (`host.id` is read from a file), and nobody but a pushing exporter waits for them:
 * without this, the SDK would log an error at every scrape and never show what they found. Waits 1 s at most.
 */
async function settleResource(reader) {
  try {
    const settled = reader
      ?.collect()
      .then(({ resourceMetrics }) => resourceMetrics.resource.waitForAsyncAttributes?.())
    await Promise.race([settled, setTimeout$1(MAX_SETTLE_MS, void 0, { ref: false })])
  } catch {}
}
function removeLogs() {
  delete globalThis[LOGS_GLOBAL]
  Reflect.get(api, 'logs')?.disable?.()
}
//#endregion
//#region src/sdk/process-exit.ts
/** Hands on what is left before the process ends, and never changes whether or how it ends. */
const SIGNALS = ['SIGTERM', 'SIGINT']
/** A signal waits no longer for us; container runtimes kill after 10 s by default. */
const MAX_DELAY_MS = 8e3
/**
 * Calls `work` when the event loop has run empty and on SIGTERM and SIGINT. `work` never rejects.
 *
 * A signal that nobody else listens to ends the process by that same signal, after a shutdown of at most 8 s; a
 * second one ends it at once. Where the application listens itself, it decides, and we only flush beside it.
 * Gives back how to stop listening.
 */
function watchProcessExit(work) {
  const onEmptyLoop = () => void work.finish()
  const onSignal = (signal) => {
    process.removeListener(signal, onSignal)
    if (process.listenerCount(signal) > 0) {
      work.flush().finally(() => {
        if (!stopped) process.prependListener(signal, onSignal)
      })
      return
    }
    const raise = () => {
      clearTimeout(timer)
      process.kill(process.pid, signal)
    }
    const timer = setTimeout(raise, MAX_DELAY_MS)
    work.shutdown().finally(raise)
  }
  let stopped = false
  const stop = () => {
    stopped = true
    process.removeListener('beforeExit', onEmptyLoop)
    for (const signal of SIGNALS) process.removeListener(signal, onSignal)
  }
  process.once('beforeExit', onEmptyLoop)
  if (isMainThread) for (const signal of SIGNALS) process.prependListener(signal, onSignal)
  return stop
}
//#endregion
//#region src/sdk.ts
/** register(): the instrumentation, and an SDK around it where the application has none. */
const REGISTRATION = Symbol.for('opentelemetry-instrumentation-aimlapi.registration')
/**
 * Starts to measure what this process spends on AI/ML API, from now on, also for clients that exist already.
 *
 * When the application has installed a MeterProvider, it is used, and no SDK and no exporter is started. Otherwise a
 * `NodeSDK` is, with a Prometheus endpoint on http://localhost:9464/metrics and whatever the standard OTEL_*
 * variables ask for. It keeps no process alive, and flushes when the event loop runs empty and on SIGTERM and SIGINT.
 *
 * A second call, also through the other module format or another copy of the package, gives the first registration
 * back and warns once.
 *
 * @throws ConfigurationError when an option or environment variable is invalid; nothing has been started then.
 */
function register(options = {}) {
  const existing = globalThis[REGISTRATION]
  if (existing !== void 0) {
    if (!existing.duplicateReported)
      diag.warn('aimlapi: register() was called again; the first registration stays')
    existing.duplicateReported = true
    return existing.registration
  }
  const config = resolveConfig(options)
  const environment = resolveSdkEnvironment()
  const registration = environment.disabled
    ? registerDisabled(options)
    : registerEnabled(options, config, environment)
  Object.defineProperty(globalThis, REGISTRATION, {
    value: {
      registration,
      duplicateReported: false,
    },
    configurable: true,
  })
  return registration
}
/** OTEL_SDK_DISABLED: everything is there and nothing happens. */
function registerDisabled(options) {
  return {
    instrumentation: createInstrumentation({
      ...options,
      enabled: false,
    }),
    forceFlush: async () => {},
    shutdown: async () => forget(),
  }
}
function registerEnabled(options, config, environment) {
  let removeLogger
  let sdk
  if (hasMeterProvider())
    diag.info(
      'aimlapi: the application has a MeterProvider; it is used, and no SDK and no exporter is started',
    )
  else {
    if (environment.logLevel === void 0) removeLogger = ensureLogger(void 0)
    sdk = tryStart(config, environment)
  }
  const instrumentation = createInstrumentation(options)
  const reportFlush = createFlushReporter()
  const forceFlush = async () => {
    await Promise.all([instrumentation.forceFlush(), sdk?.ready])
    await flushProviders(reportFlush)
  }
  const stop = async () => {
    unwatch()
    await instrumentation.shutdown()
    await (sdk === void 0 ? flushProviders(reportFlush) : sdk.shutdown(reportFlush))
    removeLogger?.()
    forget()
  }
  let stopping
  const shutdown = () => (stopping ??= stop())
  const unwatch = watchProcessExit({
    flush: forceFlush,
    finish: config.settlement.settleOnShutdown ? shutdown : forceFlush,
    shutdown,
  })
  return {
    instrumentation,
    forceFlush,
    shutdown,
  }
}
function tryStart(config, environment) {
  try {
    return startOwnSdk(config, environment)
  } catch (error) {
    diag.error(
      'aimlapi: the OpenTelemetry SDK did not start; the application goes on without telemetry',
      error,
    )
    return
  }
}
function createInstrumentation(options) {
  const { prometheus: _prometheus, ...config } = options
  return new AimlapiInstrumentation(config)
}
function forget() {
  delete globalThis[REGISTRATION]
}
function createFlushReporter() {
  let isReported = false
  return (error) => {
    if (isReported) return
    isReported = true
    const reason = error instanceof Error ? error.message : String(error)
    diag.warn(`aimlapi: an exporter could not hand on what it held: ${reason}`)
  }
}
//#endregion
export { register as t }
