/**
 * Unofficial. Calls are recorded some time after their end, but must be recorded before spans are flushed: a script that
 * ends with `NodeSDK.shutdown()` must not lose its last call. OpenTelemetry has no event for that, so `forceFlush` and
 * `shutdown` of the TracerProvider are overridden, for that one object. `test/integration/call-entry.test.ts` notices
 * when the SDK stops calling them. Before metrics are collected, `telemetry/process-gauges.ts` is called.
 */
import type { AllowedDelay } from '../calls/deferral.ts'
import { ownProviders, type ProxiedProvider } from '../sdk/existing-providers.ts'
import { patch, type Around } from '../traffic/patch.ts'

const METHODS = ['forceFlush', 'shutdown'] as const

/** @param onFlush before each flush or shutdown of an overridden provider. Must not throw. */
export function createProviderFlush(onFlush: () => void) {
  /** The overridden provider; one at a time. */
  let overridden: object | undefined
  const undos: (() => void)[] = []

  const undo = (): void => {
    for (const step of undos.splice(0)) step()
    overridden = undefined
  }

  const flushing: Around = (original, self, args) => {
    onFlush()
    return Reflect.apply(original, self, args)
  }
  const override = (provider: object): boolean => {
    undo()
    if (METHODS.some((name) => typeof Reflect.get(provider, name) !== 'function')) return false
    try {
      for (const name of METHODS) undos.push(patch(provider, name, flushing))
    } catch {
      // The provider is frozen: calls must be recorded at once.
      undo()
      return false
    }
    overridden = provider
    return true
  }

  return {
    undo,
    /**
     * Overrides the provider, unless it is already, and returns how long its spans may wait.
     * - None is installed, or it is ours: as long as it saves work.
     * - Somebody else's: `turn`, of calls inside a trace until this turn of the event loop is over. An error tracker or
     *   agent may send a trace away 1 ms after its root has ended (Sentry); what comes later is a trace of its own.
     * - One that cannot be overridden: not at all.
     */
    followProvider(provider: ProxiedProvider): AllowedDelay {
      const installed: object = provider.getDelegate?.() ?? provider
      if (overridden !== installed) {
        if (installed !== provider && provider.getDelegateTracer?.('') === undefined) return 'batch'
        if (!override(installed)) return 'none'
      }
      return ownProviders.has(installed) ? 'batch' : 'turn'
    },
  }
}
