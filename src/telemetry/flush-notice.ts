/**
 * Unofficial. Calls may be entered some milliseconds after their end, if whoever flushes or shuts down the spans
 * finds them entered: a script that ends with `NodeSDK.shutdown()` must not lose its last call. OpenTelemetry tells
 * nobody of a flush, so `forceFlush` and `shutdown` of the host's own TracerProvider are overridden, as properties of
 * that one object. `test/integration/call-entry.test.ts` notices when the SDK stops calling them.
 *
 * Metrics need none of this: their collection asks us by itself (`account-metrics.ts`).
 */
import { trace, type TracerProvider } from '@opentelemetry/api'

const METHODS = ['forceFlush', 'shutdown'] as const
type Method = (this: unknown, ...args: unknown[]) => unknown
type Flushable = Partial<Record<(typeof METHODS)[number], Method>>

/** The API's proxy; older and newer ones have the same two methods. */
interface Proxy {
  getDelegate?(): TracerProvider
  getDelegateTracer?(name: string): unknown
}

export class FlushNotice {
  readonly #onFlush: () => void
  /** The provider that spans are made by now; one at a time. */
  #provider: object | undefined
  #undo: (() => void) | undefined

  /** @param onFlush before each flush or shutdown of an overridden provider. Must not throw. */
  constructor(onFlush: () => void) {
    this.#onFlush = onFlush
  }

  /**
   * Whether every flush of this provider's spans is told. Overrides it if need be. False for a provider that cannot
   * be overridden; true where none is installed, for nothing can be lost there.
   */
  covers(provider: TracerProvider = trace.getTracerProvider()): boolean {
    const proxy: Proxy = provider as TracerProvider & Proxy
    const installed: object = proxy.getDelegate?.() ?? provider
    if (this.#provider === installed) return true
    if (installed !== provider && proxy.getDelegateTracer?.('') === undefined) return true
    return this.#override(installed)
  }

  /** Leaves the provider as it was. */
  undo(): void {
    this.#undo?.()
    this.#undo = this.#provider = undefined
  }

  #override(provider: Flushable): boolean {
    this.undo()
    if (METHODS.some((name) => typeof provider[name] !== 'function')) return false
    const undo: (() => void)[] = []
    const undoAll = (): void => undo.forEach((step) => step())
    try {
      for (const name of METHODS) undo.push(overrideMethod(provider, name, this.#onFlush))
    } catch {
      // Frozen: then nothing may wait.
      undoAll()
      return false
    }
    this.#provider = provider
    this.#undo = undoAll
    return true
  }
}

function overrideMethod(provider: Flushable, name: (typeof METHODS)[number], before: () => void): () => void {
  const previous = Object.getOwnPropertyDescriptor(provider, name)
  const original = provider[name] as Method
  let active = true
  const value: Method = function (this: unknown) {
    if (active) before()
    return Reflect.apply(original, this, arguments)
  }
  Object.defineProperty(provider, name, { value, configurable: true, writable: true })
  return () => {
    active = false
    // Somebody overrode it after us and holds on to ours: then ours stays, and only passes on.
    if (provider[name] !== value) return
    if (previous === undefined) delete provider[name]
    else Object.defineProperty(provider, name, previous)
  }
}
