/** Marks the requests for accounts, which this package sends itself, so that neither its own hooks nor other instrumentations observe them. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { context, createContextKey } from '@opentelemetry/api'

const ownTraffic = new AsyncLocalStorage<true>()

/** Where `@opentelemetry/core` looks for suppressed tracing: context keys are made by name (`Symbol.for`). */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

/**
 * Runs `fn`, and everything it starts, as the library's own: its requests are not observed as calls, and tracers of the
 * host's SDK start no recording spans for them and inject no trace headers.
 */
export function runAsOwnTraffic<T>(fn: () => T): T {
  return ownTraffic.run(true, () => context.with(context.active().setValue(SUPPRESS_TRACING, true), fn))
}

/** Whether the code that runs now was started by `runAsOwnTraffic`. */
export function isOwnTraffic(): boolean {
  return ownTraffic.getStore() === true
}
