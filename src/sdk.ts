/** register(): the instrumentation, and an SDK around it where the application has none. */
import { FLUSH_TIMEOUT_MS } from './account/watch-accounts.ts'
import { resolveConfig, showPrometheusUrl, type Config, type RegisterOptions } from './config.ts'
import { report } from './diagnostics.ts'
import { holdProcess } from './hold.ts'
import { AimlapiInstrumentation, createInstrumentation } from './instrumentation.ts'
import { createOnce } from './once.ts'
import { ensureLogger } from './sdk/logger.ts'
import { flushHostProviders, hasMeterProvider } from './sdk/existing-providers.ts'
import { startOwnSdk, type OwnSdk } from './sdk/own-sdk.ts'
import { watchProcessExit } from './sdk/process-exit.ts'
import { forgetRegistered, keepRegistered, readRegistered, type Registration } from './sdk/registered.ts'

export type { Registration } from './sdk/registered.ts'

/** The longest delay of a natural exit by an exporter. */
const EXIT_LIMIT_MS = 1_000
/** The longest time for which a flush or shutdown keeps the process alive. */
const FLUSH_LIMIT_MS = 30_000

/**
 * Starts to measure what this process spends on AI/ML API. It can be called at any time: clients that were made
 * before are measured, too.
 *
 * If the application has a MeterProvider, metrics go there, and neither an SDK nor an exporter is started. If it has
 * none, `register()` starts one, which serves http://localhost:9464/metrics and whatever else the standard OTEL_*
 * variables ask for. It does not keep the process alive. It exports what is left on SIGTERM, on SIGINT, and when the
 * event loop is empty (there for 1 s at most). `process.exit()` stops that: await `shutdown()` before it.
 *
 * A second call returns the first registration and logs one warning, also through the other module format or another
 * copy of the package.
 *
 * @example With options, and a flush by hand
 * ```ts
 * import { register } from 'opentelemetry-instrumentation-aimlapi'
 *
 * const registration = register({
 *   metricTags: ['team'],
 *   onCall: ({ requestModel, usage }) => console.log(requestModel, usage?.credits),
 * })
 *
 * // Before the process is frozen, as a function in the cloud is, or before `process.exit()`:
 * await registration.forceFlush()
 * ```
 *
 * @throws ConfigurationError when an option or environment variable is invalid; nothing has been started then.
 */
export function register(options: RegisterOptions = {}): Registration {
  const existing = readRegistered()
  if (existing !== undefined) {
    if (existing.isStopping === true)
      report(
        'warn',
        'register() was called before shutdown() had resolved: nothing is measured from now on. Await shutdown(), then call register()',
      )
    else if (!existing.duplicateReported)
      report('warn', 'register() was called again; the first registration stays, with its own options')
    existing.duplicateReported = true
    return existing.registration
  }
  const config = resolveConfig(options)
  const registration = config.sdk.disabled
    ? registerDisabled(options, config)
    : registerEnabled(options, config)
  keepRegistered({ registration, duplicateReported: false })
  return registration
}

/** OTEL_SDK_DISABLED: a registration whose methods do nothing. */
function registerDisabled(options: RegisterOptions, config: Config): Registration {
  return {
    instrumentation: createInstrumentation({ ...options, enabled: false }, config),
    forceFlush: async () => {},
    shutdown: async () => forgetRegistered(),
    prometheusText: async () => '# OTEL_SDK_DISABLED is set: nothing is measured\n',
  }
}

function registerEnabled(options: RegisterOptions, config: Config): Registration {
  const removeLogger = ensureLogger(config.sdk.logLevel)
  logStart(config)
  const sdk = hasMeterProvider() ? undefined : tryStart(config)
  const instrumentation = createInstrumentation(options, config)
  const isFirstError = createOnce()
  const reportFlush = (error: unknown): void => {
    const reason = error instanceof Error ? error.message : String(error)
    if (isFirstError()) report('warn', `an exporter could not export what it held: ${reason}`)
  }

  /** Flushes our providers; those of the application flush by themselves when the process ends. */
  const flushOwn = async (): Promise<void> => {
    await instrumentation.forceFlush()
    await sdk?.forceFlush(reportFlush)
  }
  const flush = async (): Promise<void> => {
    await instrumentation.forceFlush()
    await Promise.all([sdk?.forceFlush(reportFlush), flushHostProviders(reportFlush)])
  }
  const stop = async (): Promise<void> => {
    unwatch()
    const registered = readRegistered()
    if (registered !== undefined) registered.isStopping = true
    // Not `shutdown()`: the last export comes between the last count and the removal of the gauges. Our SDK flushes in its
    // shutdown. In parallel, so that a collector that does not respond delays the end only once.
    await instrumentation['stop'](async () => {
      await Promise.all([sdk?.shutdown(reportFlush), flushHostProviders(reportFlush)])
    })
    removeLogger()
    forgetRegistered()
  }
  let stopping: Promise<void> | undefined
  const shutdown = (): Promise<void> => (stopping ??= stop())
  const { settleOnShutdown } = config.settlement
  const unwatch = watchProcessExit({
    flush,
    // A shutdown is needed only for the last settlement.
    finish: settleOnShutdown ? shutdown : flushOwn,
    finishLimitMs: EXIT_LIMIT_MS + (settleOnShutdown ? FLUSH_TIMEOUT_MS : 0),
    shutdown,
  })
  return {
    instrumentation,
    forceFlush: () => holdProcess(stopping ?? flush(), FLUSH_LIMIT_MS),
    shutdown: () => holdProcess(shutdown(), FLUSH_LIMIT_MS),
    prometheusText: () => readText(instrumentation, sdk),
  }
}

/** Said before anything starts, so that it is the first line. */
function logStart(config: Config): void {
  if (hasMeterProvider()) {
    report('info', 'the application has a MeterProvider; it is used, and no SDK and no exporter is started')
    return
  }
  logMetrics(config)
  const { hasConfigFile, problems } = config.sdk
  if (hasConfigFile)
    report(
      'warn',
      'OTEL_CONFIG_FILE is set, and register() does not read it: it takes the OTEL_* variables. To use the file, start that SDK and add AimlapiInstrumentation to it',
    )
  for (const problem of problems) report('warn', problem)
}

function logMetrics({ prometheus, sdk: { metricExporters, logLevel, metricsAreOff } }: Config): void {
  const ways = [
    ...(prometheus === false ? [] : [`are served at ${showPrometheusUrl(prometheus)}`]),
    ...(metricExporters.length === 0 ? [] : [`are pushed (${metricExporters.join(', ')})`]),
  ]
  const line = `metrics ${ways.length === 0 ? 'are served nowhere and pushed nowhere; prometheusText() gives them' : ways.join(' and ')}`
  if (metricsAreOff && ways.length === 0) {
    report(
      'info',
      'OTEL_METRICS_EXPORTER is "none": calls are measured, and no metric leaves this process. Unset it for /metrics, or set it to "otlp"',
    )
    return
  }
  // At info level only when OTEL_LOG_LEVEL is set: otherwise every service would get another line in its log.
  report(logLevel === undefined ? 'debug' : 'info', line)
}

async function readText(instrumentation: AimlapiInstrumentation, sdk: OwnSdk | undefined): Promise<string> {
  if (sdk === undefined) return '# the metrics go to the MeterProvider of the application\n'
  try {
    await instrumentation.forceFlush()
    return await sdk.text()
  } catch {
    return '# the metrics could not be collected\n'
  }
}

function tryStart(config: Config): OwnSdk | undefined {
  try {
    return startOwnSdk(config)
  } catch (error) {
    report('error', 'the OpenTelemetry SDK did not start; the application goes on without telemetry:', error)
    return undefined
  }
}
