const require_rolldown_runtime = require('./rolldown-runtime-D_mwlA32.cjs')
const require_account_metrics = require('./account-metrics-BBDp1JNp.cjs')
const require_instrumentation = require('./instrumentation-CiiQXN4F.cjs')
const require_diagnostics = require('./diagnostics-DO1rGalb.cjs')
const require_metric_readers = require('./metric-readers-BmbR8rRN.cjs')
let _opentelemetry_api = require('@opentelemetry/api')
_opentelemetry_api = require_rolldown_runtime.__toESM(_opentelemetry_api, 1)
let node_timers_promises = require('node:timers/promises')
let _opentelemetry_sdk_node = require('@opentelemetry/sdk-node')
let node_worker_threads = require('node:worker_threads')
//#region src/sdk/existing-providers.ts
/** The providers that are installed globally: the host's, or those of an SDK of our own. */
/** Whether somebody has installed a MeterProvider: without one, the API hands out one and the same idle meter. */
function hasMeterProvider() {
  return (
    _opentelemetry_api.metrics.getMeter(require_account_metrics.SCOPE_NAME) !==
    (0, _opentelemetry_api.createNoopMeter)()
  )
}
/** Whether somebody has installed a TracerProvider behind the API's proxy. */
function hasTracerProvider() {
  const provider = _opentelemetry_api.trace.getTracerProvider()
  return (
    provider.getDelegateTracer === void 0 ||
    provider.getDelegateTracer('opentelemetry-instrumentation-aimlapi') !== void 0
  )
}
/** Has every installed provider hand on what it holds. Never rejects: each error goes to `onError`. */
async function flushProviders(onError) {
  await Promise.all([
    flush(_opentelemetry_api.metrics.getMeterProvider(), onError),
    flushTracerProvider(onError),
  ])
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
  const provider = _opentelemetry_api.trace.getTracerProvider()
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
  const readers = require_metric_readers.createMetricReaders(config.prometheus, environment)
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
      _opentelemetry_api.metrics.disable()
      if (!foreignTraces) {
        _opentelemetry_api.trace.disable()
        _opentelemetry_api.context.disable()
        _opentelemetry_api.propagation.disable()
      }
      if (environment.exportLogs && !hadLogs) removeLogs()
    },
  }
}
function startSdk(configuration) {
  const sdk = new _opentelemetry_sdk_node.NodeSDK(configuration)
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
    await Promise.race([settled, (0, node_timers_promises.setTimeout)(MAX_SETTLE_MS, void 0, { ref: false })])
  } catch {}
}
function removeLogs() {
  delete globalThis[LOGS_GLOBAL]
  Reflect.get(_opentelemetry_api, 'logs')?.disable?.()
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
  if (node_worker_threads.isMainThread)
    for (const signal of SIGNALS) process.prependListener(signal, onSignal)
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
      _opentelemetry_api.diag.warn('aimlapi: register() was called again; the first registration stays')
    existing.duplicateReported = true
    return existing.registration
  }
  const config = require_account_metrics.resolveConfig(options)
  const environment = require_account_metrics.resolveSdkEnvironment()
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
    _opentelemetry_api.diag.info(
      'aimlapi: the application has a MeterProvider; it is used, and no SDK and no exporter is started',
    )
  else {
    if (environment.logLevel === void 0) removeLogger = require_diagnostics.ensureLogger(void 0)
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
    _opentelemetry_api.diag.error(
      'aimlapi: the OpenTelemetry SDK did not start; the application goes on without telemetry',
      error,
    )
    return
  }
}
function createInstrumentation(options) {
  const { prometheus: _prometheus, ...config } = options
  return new require_instrumentation.AimlapiInstrumentation(config)
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
    _opentelemetry_api.diag.warn(`aimlapi: an exporter could not hand on what it held: ${reason}`)
  }
}
//#endregion
Object.defineProperty(exports, 'register', {
  enumerable: true,
  get: function () {
    return register
  },
})
