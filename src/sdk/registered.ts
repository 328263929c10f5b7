/** The registration of this process, shared by both module formats and all copies of the package. */
import type { AimlapiInstrumentation } from '../instrumentation.ts'

/** What `register()` has started. */
export interface Registration {
  /** Active until `shutdown()`, unless the process already had an active instance. */
  readonly instrumentation: AimlapiInstrumentation
  /** Resolves when every call that has ended is counted and handed to the exporters. Never rejects. */
  forceFlush(): Promise<void>
  /**
   * Undoes everything `register()` did: hooks, timers, listeners, global providers of its own, the exporter.
   * Providers of the application stay, flushed. Never rejects; afterwards `register()` starts anew.
   */
  shutdown(): Promise<void>
  /**
   * The text of `/metrics`, in Prometheus' text format, for an application with an endpoint of its own (with
   * `prometheus: false` there is no other). When the application has a MeterProvider, the metrics are there, and the text
   * is only a comment. Never rejects.
   */
  prometheusText(): Promise<string>
}

const REGISTRATION = Symbol.for('opentelemetry-instrumentation-aimlapi.registration')

/** The registration and what was reported about it. */
export interface Registered {
  readonly registration: Registration
  duplicateReported: boolean
  /** Its shutdown has begun. */
  isStopping?: boolean
}
type Global = { [REGISTRATION]?: Registered }

/** The registration of this process, whichever copy of the package made it. */
export function readRegistered(): Registered | undefined {
  return (globalThis as Global)[REGISTRATION]
}

export function keepRegistered(registered: Registered): void {
  Object.defineProperty(globalThis, REGISTRATION, { value: registered, configurable: true })
}

export function forgetRegistered(): void {
  delete (globalThis as Global)[REGISTRATION]
}
