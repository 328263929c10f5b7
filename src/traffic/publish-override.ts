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

type Publish = (this: unknown, message: unknown) => void

/**
 * Calls `around` for every publication on the channel. It must call `publish` once, synchronously; that
 * reaches all subscribers. Only publications made while somebody subscribes are seen.
 */
export function overridePublish(
  name: string,
  around: (message: unknown, publish: () => void) => void,
): Unhook {
  const channel: { publish: Publish } = diagnosticsChannel.channel(name)
  const previous = Object.getOwnPropertyDescriptor(channel, 'publish')
  let active = true

  const publish: Publish = function (this: unknown, message) {
    // Per call: Node swaps the channel's prototype whenever the first subscriber comes or the last one goes.
    const next: Publish = previous?.value ?? Object.getPrototypeOf(channel).publish
    if (active) around(message, () => Reflect.apply(next, this, [message]))
    else Reflect.apply(next, this, [message])
  }
  Object.defineProperty(channel, 'publish', { value: publish, configurable: true, writable: true })

  return () => {
    active = false
    // Somebody overrode it after us and holds on to ours: then ours stays, and only passes on.
    if (Object.getOwnPropertyDescriptor(channel, 'publish')?.value !== publish) return
    if (previous === undefined) delete (channel as Partial<typeof channel>).publish
    else Object.defineProperty(channel, 'publish', previous)
  }
}
