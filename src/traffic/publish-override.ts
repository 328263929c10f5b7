/**
 * Unofficial. A subscriber of a diagnostics channel cannot set the async context in which the subscribers
 * after it run: undici and node:http use `publish`, for which `bindStore` has no effect. To make spans that
 * other instrumentations start in their own subscribers children of ours, whichever subscribed first, the
 * channel gets an own property `publish` that runs the real one inside our span.
 *
 * Measured on Node 20.20, 22.23, 24.21 and 26.10 with undici 5 to 8.
 * `test/integration/traffic-nesting.test.ts` notices when it stops working; requests are observed even then,
 * because whoever overrides also subscribes.
 */
import diagnosticsChannel from 'node:diagnostics_channel'
import type { Unhook } from './exchange.ts'
import { patch } from './patch.ts'

/**
 * Calls `around` for every publication on the channel. It must call `publish` once, synchronously; that
 * reaches all subscribers. Only publications made while somebody subscribes are seen.
 */
export function overridePublish(
  name: string,
  around: (message: unknown, publish: () => void) => void,
): Unhook {
  return patch(diagnosticsChannel.channel(name), 'publish', (original, self, args) =>
    around(args[0], () => Reflect.apply(original, self, args)),
  )
}
