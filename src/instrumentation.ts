/** The OpenTelemetry instrumentation: configuration, life cycle, and one live hook per process. */
import { metrics, trace, type Meter, type MeterProvider, type TracerProvider } from '@opentelemetry/api'
import type { Instrumentation } from '@opentelemetry/instrumentation'
import { engines, version } from '../package.json'
import { report } from './diagnostics.ts'
import {
  resolveConfig,
  type AimlapiInstrumentationConfig,
  type Config,
  type RegisterOptions,
} from './config.ts'
import { connect, type Connection } from './connection.ts'
import { findOtherRuntime } from './other-runtimes.ts'
import { hasMeterProvider, ownProviders } from './sdk/existing-providers.ts'
import { SCOPE_NAME } from './telemetry/names.ts'

/** By its options: the Config that `register()` has resolved from them, so that they are resolved once. */
const resolvedOf = new WeakMap<AimlapiInstrumentationConfig, Config>()

// Shared by the ESM and CommonJS builds and by other copies of the package: two hooks would count twice.
const HOOK_OWNER = Symbol.for('opentelemetry-instrumentation-aimlapi.hook-owner')
type HookHolder = { [HOOK_OWNER]?: object }

const NO_KEY =
  'no API key is configured (AIMLAPI_API_KEY, or the option apiKey): there is no balance, and a cost that a response ' +
  'does not have stays unknown'

/**
 * OpenTelemetry instrumentation of AI/ML API for people who own a `NodeSDK`:
 * `new NodeSDK({ instrumentations: [new AimlapiInstrumentation()] })`. Observes fetch, undici and node:http
 * calls to the configured base URLs and polls the account, from construction (unless `enabled: false`) until
 * `disable()`. A second live instance in the process stays inert and warns once.
 *
 * It does not extend `InstrumentationBase`, because that class replaces `require` for the whole process. The http
 * instrumentation of an SDK that starts later would then not see `http`, if an exporter has loaded it before.
 *
 * @throws ConfigurationError from the constructor and from `enable()` when an option or variable is invalid.
 */
export class AimlapiInstrumentation implements Instrumentation<AimlapiInstrumentationConfig> {
  readonly instrumentationName: string = SCOPE_NAME
  readonly instrumentationVersion: string = version
  private config: AimlapiInstrumentationConfig = {}
  private resolved: Config | undefined
  private meterProvider: MeterProvider = metrics.getMeterProvider()
  /** False: somebody gave us a provider of his own, which stays. */
  private hasGlobalMeterProvider = true
  private connection: Connection | undefined
  private stopping: Promise<void> | undefined
  private tracerProvider: TracerProvider | undefined

  constructor(config: AimlapiInstrumentationConfig = {}) {
    this.setConfig(config)
    if (this.config.enabled !== false) this.enable()
  }

  /** The options as given, with `enabled` filled in. */
  getConfig(): AimlapiInstrumentationConfig {
    return this.config
  }

  /** Takes effect with the next `enable()`. */
  setConfig(config: AimlapiInstrumentationConfig): void {
    this.resolved = resolvedOf.get(config)
    this.config = { enabled: true, ...config }
  }

  /** Hooks the traffic and starts to poll the account. Where another instance does so, this one does not: see `isEnabled`. */
  enable(): void {
    if (this.connection !== undefined) return
    const config = this.resolved ?? resolveConfig(this.config)
    // Without it the hooks cannot work. Other versions that `engines` excludes are only untested.
    if (typeof process.getBuiltinModule !== 'function') {
      report(
        'error',
        `Node.js ${process.version} is too old, ${engines.node} is needed: calls are not measured`,
      )
      return
    }
    const holder = globalThis as HookHolder
    if (holder[HOOK_OWNER] !== undefined) {
      report('warn', 'another AimlapiInstrumentation is live, of register() or an SDK: this one stays inert')
      return
    }
    report('debug', 'enabled', describe(config))
    for (const line of config.warnings) report('warn', line)
    const other = findOtherRuntime(process.versions)
    if (other !== undefined) report('warn', `this is ${other.name}: ${other.observed}`)
    const needsKey = config.balance.enabled || config.settlement.enabled || config.ledger.enabled
    if (needsKey && config.accounts.length === 0)
      report('info', other === undefined ? `${NO_KEY}; calls are measured` : NO_KEY)
    // A function: the host may install its provider later.
    const tracerProvider = () => this.tracerProvider ?? trace.getTracerProvider()
    this.connection = connect(config, this.getMeter(), tracerProvider, () => this.followMeter())
    Object.defineProperty(holder, HOOK_OWNER, { value: this, configurable: true })
  }

  /** True from `enable()` until `disable()`, unless the process already had an active instance. */
  isEnabled(): boolean {
    return this.connection !== undefined
  }

  /** Unhooks at once and stops every timer. `shutdown()` does the same and returns a promise. */
  disable(): void {
    if (this.connection !== undefined) void this.stop(async () => {})
  }

  /**
   * Records metrics with this provider from now on. Without it, and with the global MeterProvider, with whichever provider
   * is the global one.
   */
  setMeterProvider(meterProvider: MeterProvider): void {
    this.meterProvider = meterProvider
    this.hasGlobalMeterProvider = meterProvider === metrics.getMeterProvider()
    this.connection?.useMeter(this.getMeter())
  }

  /** Creates spans with this provider from now on. Without it, and with the global TracerProvider, as `setMeterProvider`. */
  setTracerProvider(tracerProvider: TracerProvider): void {
    this.tracerProvider = tracerProvider === trace.getTracerProvider() ? undefined : tracerProvider
  }

  /** Resolves when every response that has arrived is counted: call before flushing the metric readers. */
  async forceFlush(): Promise<void> {
    await this.connection?.flush()
  }

  /** Calls `disable()`, and resolves when open calls are closed and counted. Never rejects. */
  async shutdown(): Promise<void> {
    this.disable()
    await this.stopping
  }

  private getMeter(): Meter {
    return this.meterProvider.getMeter(SCOPE_NAME, version)
  }

  /** The host may set its MeterProvider late, or shut its SDK down and start another one. Our own SDK stays. */
  private followMeter(): void {
    const current = metrics.getMeterProvider()
    if (current === this.meterProvider || !this.hasGlobalMeterProvider) return
    if (hasMeterProvider() && !ownProviders.has(this.meterProvider)) this.setMeterProvider(current)
  }

  /** Stops. `exportLast` is called once all is counted, with the gauges still there. It must not reject. */
  private stop(exportLast: () => Promise<void>): Promise<void> {
    const { connection } = this
    if (connection === undefined) return Promise.resolve(this.stopping).then(exportLast)
    this.connection = undefined
    delete (globalThis as HookHolder)[HOOK_OWNER]
    return (this.stopping = connection.stop(exportLast).catch(() => {}))
  }
}

/** The instrumentation of `register()`, with options that are resolved already. */
export function createInstrumentation(options: RegisterOptions, resolved: Config): AimlapiInstrumentation {
  // The instrumentation itself has no endpoint.
  const { prometheus: _prometheus, ...given } = options
  resolvedOf.set(given, resolved)
  return new AimlapiInstrumentation(given)
}

/** The settings that are logged at debug level. No key. */
function describe({ baseUrls, accounts, metricTags, balance, settlement, ledger }: Config): object {
  const observed = baseUrls === '*' ? baseUrls : baseUrls.map(({ origin, pathPrefix }) => origin + pathPrefix)
  return { observed, accounts: accounts.map(({ name }) => name), metricTags, balance, settlement, ledger }
}
