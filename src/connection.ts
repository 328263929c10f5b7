/** Connects traffic to calls, calls to telemetry, and the accounts to telemetry, while the instrumentation is enabled. */
import { isPromise } from 'node:util/types'
import type { Meter, Tracer, TracerProvider } from '@opentelemetry/api'
import { version } from '../package.json'
import type { AccountWatch } from './account/watch-accounts.ts'
import { connectAccounts } from './account-connection.ts'
import { createAccountFinder } from './calls/account-finder.ts'
import { observeCalls } from './calls/observer.ts'
import { createTagReader } from './calls/tag-reader.ts'
import { matchBaseUrl, type Config } from './config.ts'
import { createDrain } from './drain.ts'
import { report, reportError, reportFirstError } from './diagnostics.ts'
import { isOwnTraffic } from './own-traffic.ts'
import { createCallSink } from './telemetry/call-sink.ts'
import { SCOPE_NAME } from './telemetry/names.ts'
import { hookNodeHttp } from './traffic/node-http.ts'
import { hookUndici } from './traffic/undici.ts'
import type { CallRecord } from './types.ts'

/** The observed traffic of this process. */
export type Connection = ReturnType<typeof connect>

/** Hooks the traffic of this process. `followMeter` calls `useMeter` if the host has another MeterProvider by now. */
export function connect(
  config: Config,
  meter: Meter,
  tracerProvider: () => TracerProvider,
  followMeter: () => void,
) {
  const sink = createCallSink(createTracerSource(tracerProvider), meter, config)
  const { watch, metrics: accountMetrics } = connectAccounts(config, meter)
  const drain = createDrain(meter, tracerProvider, followMeter, () => sink.flush())
  const observer = observeCalls({
    sink,
    settlement: watch.settlement,
    findAccount: createAccountFinder(config.accounts),
    readTags: createTagReader(config.tagsFrom),
    matchPath(origin, path) {
      const rest = matchBaseUrl(config.baseUrls, origin, path)
      return rest === undefined || isOwnTraffic() ? undefined : rest
    },
    onRecord: createRecordListener(watch, config.onCall),
    deferral: drain.deferral,
    onInternalError: reportFirstError('reading a response'),
  })
  const hookOptions = {
    begin: observer.begin,
    beginSession: observer.beginSession,
    nestHttpSpans: config.nestHttpSpans,
    // The hooks report each kind once by themselves.
    onInternalError: (error: unknown) => reportError('observing a request', error),
  }
  const unhooks = [hookUndici(hookOptions), hookNodeHttp(hookOptions)]

  return {
    useMeter(newMeter: Meter): void {
      drain.setMeter(newMeter)
      sink.setMeter(newMeter)
      accountMetrics.setMeter(newMeter)
    },
    /** Resolves when every response that has arrived is counted. */
    async flush(): Promise<void> {
      await observer.flush()
      drain.now()
    },
    /**
     * Unhooks at once; resolves when what was under way is closed and counted (with `settleOnShutdown` after one last
     * look at the account's log, at most 5 s), and the gauges are removed.
     * @param exportLast called when all is counted, with the gauges: a short job exports only then.
     */
    async stop(exportLast: () => Promise<void>): Promise<void> {
      for (const unhook of unhooks) unhook()
      await observer.stop()
      if (config.settlement.settleOnShutdown) await watch.flush()
      watch.stop()
      drain.now()
      try {
        await exportLast()
      } finally {
        drain.stop()
        accountMetrics.dispose()
      }
    },
  }
}

/**
 * The tracer of the provider; a new one when the provider is another object. API 1.10 has one copy per module format, and
 * a tracer of one copy's proxy never gets the provider that the application sets in the other copy.
 */
function createTracerSource(tracerProvider: () => TracerProvider): () => Tracer {
  let provider: TracerProvider | undefined
  let tracer: Tracer | undefined
  return () => {
    const current = tracerProvider()
    if (tracer === undefined || current !== provider) {
      provider = current
      tracer = current.getTracer(SCOPE_NAME, version)
    }
    return tracer
  }
}

/**
 * Marks the models of a successful call as in use: their prices and shut-down dates are shown. The model of a failed call
 * may not exist, and must not take the place of another one.
 */
function useModels(watch: AccountWatch, { requestModel, routedModel, errorType }: CallRecord): void {
  if (errorType !== undefined) return
  for (const model of [requestModel, routedModel]) if (model !== undefined) watch.useModel(model)
}

/**
 * Logs the record at debug level and calls `onCall`. What that throws, or rejects with, is caught here. The record is
 * passed to the logger unformatted: without debug level this costs nothing.
 */
function createRecordListener(watch: AccountWatch, onCall: Config['onCall']): (record: CallRecord) => void {
  const onError = reportFirstError('onCall')
  return (record) => {
    try {
      report('debug', 'call', record)
      useModels(watch, record)
      const returned: unknown = onCall?.(record)
      // Also of another realm. Not every thenable: a query that has not been sent yet would be sent by that.
      if (isPromise(returned)) returned.catch(onError)
    } catch (error) {
      onError(error)
    }
  }
}
