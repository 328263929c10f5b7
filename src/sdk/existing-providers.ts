/** The providers that are installed globally: the host's, or those of an SDK of our own. */
import { createNoopMeter, metrics, trace, type MeterProvider, type TracerProvider } from '@opentelemetry/api'
import { SCOPE_NAME } from '../telemetry/names.ts'

/** A provider, or the API's proxy of one; older and newer proxies have the same two methods. */
export type ProxiedProvider = TracerProvider & {
  getDelegate?(): TracerProvider
  getDelegateTracer?(name: string): unknown
}

/** The providers that we have installed. */
export const ownProviders = new WeakSet<object>()

/** Whether a MeterProvider is installed: without one, the API always returns the same no-op meter. */
export function hasMeterProvider(): boolean {
  return metrics.getMeter(SCOPE_NAME) !== createNoopMeter()
}

/** Whether a TracerProvider is installed behind the API's proxy. */
export function hasTracerProvider(): boolean {
  const provider: ProxiedProvider = trace.getTracerProvider()
  return provider.getDelegateTracer === undefined || provider.getDelegateTracer(SCOPE_NAME) !== undefined
}

/** Flushes the installed providers that are not ours. Never rejects: each error goes to `onError`. */
export async function flushHostProviders(onError: (error: unknown) => void): Promise<void> {
  const installed = [metrics.getMeterProvider(), installedTracerProvider()]
  const ofHost = installed.filter((provider) => !ownProviders.has(provider))
  await Promise.all(ofHost.map((provider) => flushProvider(provider, onError)))
}

/** Never rejects: an error goes to `onError`. */
export async function flushProvider(
  provider: MeterProvider | TracerProvider,
  onError: (error: unknown) => void,
): Promise<void> {
  try {
    // The API's own types know nothing of flushing.
    await (provider as { forceFlush?: () => Promise<void> }).forceFlush?.()
  } catch (error) {
    onError(error)
  }
}

/** The TracerProvider behind the API's proxy, if there is one. */
export function installedTracerProvider(): TracerProvider {
  const provider: ProxiedProvider = trace.getTracerProvider()
  return provider.getDelegate?.() ?? provider
}
