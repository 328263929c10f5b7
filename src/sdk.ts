/** register(): the instrumentation, and an SDK around it where the application has none. */
import { diag } from '@opentelemetry/api'
import {
  resolveConfig,
  resolveSdkEnvironment,
  type Config,
  type RegisterOptions,
  type SdkEnvironment,
} from './config.ts'
import { AimlapiInstrumentation } from './instrumentation.ts'
import { ensureLogger } from './sdk/diagnostics.ts'
import { flushProviders, hasMeterProvider } from './sdk/existing-providers.ts'
import { startOwnSdk, type OwnSdk } from './sdk/own-sdk.ts'
import { watchProcessExit } from './sdk/process-exit.ts'
import { forgetRegistered, keepRegistered, readRegistered } from './sdk/registered.ts'

/** What `register()` has started. */
export interface Registration {
  /** Live until `shutdown()`, unless another instance of the process was there first. */
  readonly instrumentation: AimlapiInstrumentation
  /** Resolves when every call that has ended is counted and handed to the exporters. Never rejects. */
  forceFlush(): Promise<void>
  /**
   * Undoes everything `register()` did: hooks, timers, listeners, global providers of its own, the exporter.
   * Providers of the application stay, flushed. Never rejects; afterwards `register()` starts anew.
   */
  shutdown(): Promise<void>
}

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
export function register(options: RegisterOptions = {}): Registration {
  const existing = readRegistered()
  if (existing !== undefined) {
    if (!existing.duplicateReported)
      diag.warn('aimlapi: register() was called again; the first registration stays, with its own options')
    existing.duplicateReported = true
    return existing.registration
  }
  const config = resolveConfig(options)
  const environment = resolveSdkEnvironment()
  const registration = environment.disabled
    ? registerDisabled(options)
    : registerEnabled(options, config, environment)
  keepRegistered({ registration, duplicateReported: false })
  return registration
}

/** OTEL_SDK_DISABLED: everything is there and nothing happens. */
function registerDisabled(options: RegisterOptions): Registration {
  const instrumentation = createInstrumentation({ ...options, enabled: false })
  return { instrumentation, forceFlush: async () => {}, shutdown: async () => forgetRegistered() }
}

function registerEnabled(
  options: RegisterOptions,
  config: Config,
  environment: SdkEnvironment,
): Registration {
  let removeLogger: (() => void) | undefined
  let sdk: OwnSdk | undefined
  if (hasMeterProvider()) {
    diag.info(
      'aimlapi: the application has a MeterProvider; it is used, and no SDK and no exporter is started',
    )
  } else {
    // With the variable set, NodeSDK installs a logger itself.
    if (environment.logLevel === undefined) removeLogger = ensureLogger(undefined)
    sdk = tryStart(config, environment)
  }
  const instrumentation = createInstrumentation(options)
  const reportFlush = createFlushReporter()

  const forceFlush = async (): Promise<void> => {
    await Promise.all([instrumentation.forceFlush(), sdk?.ready])
    await flushProviders(reportFlush)
  }
  const stop = async (): Promise<void> => {
    unwatch()
    await instrumentation.shutdown()
    // An SDK of our own hands on what it holds by itself; twice would be twice the wait for a dead collector.
    await (sdk === undefined ? flushProviders(reportFlush) : sdk.shutdown(reportFlush))
    removeLogger?.()
    forgetRegistered()
  }
  let stopping: Promise<void> | undefined
  const shutdown = (): Promise<void> => (stopping ??= stop())
  // Only settlement has anything left to try at the very end.
  const finish = config.settlement.settleOnShutdown ? shutdown : forceFlush
  const unwatch = watchProcessExit({ flush: forceFlush, finish, shutdown })
  return { instrumentation, forceFlush, shutdown }
}

function tryStart(config: Config, environment: SdkEnvironment): OwnSdk | undefined {
  try {
    return startOwnSdk(config, environment)
  } catch (error) {
    diag.error(
      'aimlapi: the OpenTelemetry SDK did not start; the application goes on without telemetry',
      error,
    )
    return undefined
  }
}

function createInstrumentation(options: RegisterOptions): AimlapiInstrumentation {
  // Where to serve is none of the instrumentation's business.
  const { prometheus: _prometheus, ...config } = options
  return new AimlapiInstrumentation(config)
}

function createFlushReporter(): (error: unknown) => void {
  let isReported = false
  return (error) => {
    if (isReported) return
    isReported = true
    const reason = error instanceof Error ? error.message : String(error)
    diag.warn(`aimlapi: an exporter could not hand on what it held: ${reason}`)
  }
}
