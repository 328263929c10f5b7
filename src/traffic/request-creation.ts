/**
 * Unofficial, as far as it nests. A subscriber of a diagnostics channel cannot set the async context of the subscribers
 * after it: undici and node:http use `publish`, for which `bindStore` has no effect. To make spans that other
 * instrumentations start in their own subscribers children of ours, whichever subscribed first, `publish` of the channel
 * is overridden, and runs inside our span.
 *
 * Measured on Node 20.20, 22.23, 24.21 and 26.10 with undici 5 to 8. `test/integration/traffic-nesting.test.ts` notices
 * when it stops working; requests are observed even then, by the subscription.
 */
import diagnosticsChannel from 'node:diagnostics_channel'
import type { Exchange } from './exchange.ts'
import type { Guard } from './guard.ts'
import { patch } from './patch.ts'

/** The part of an exchange that nests spans of others. */
export type Nest = Pick<Exchange, 'within'>

/**
 * Calls `observe` once for every message on a channel that announces requests. With `nest`, the channel's
 * other subscribers run inside the exchange that it returned, so that their spans become children of ours.
 */
export function hookCreation<Message extends object>(
  name: string,
  nest: boolean,
  guard: Guard,
  observe: (message: Message) => Nest | undefined,
): void {
  /** The message that the override has shown to `observe` and is publishing. */
  let publishing: unknown

  // Without a subscriber the client publishes nothing. This one observes where somebody removed our override with theirs.
  guard.subscribe<Message>(name, (message) => {
    if (message !== publishing) observe(message)
  })
  if (!nest) return

  // `_subscribers` is unofficial: where it is missing, `exchange.within` is called also when nobody else listens.
  const channel: object & { readonly _subscribers?: readonly unknown[] } = diagnosticsChannel.channel(name)
  const undo = patch(channel, 'publish', (original, self, args) => {
    const message: Message = args[0]
    const exchange = guard.attempt(name, observe, message)
    const { _subscribers: subscribers } = channel
    const outer = publishing
    publishing = message
    try {
      if (exchange === undefined || subscribers?.length === 1) Reflect.apply(original, self, args)
      else {
        publishOnce(
          () => void Reflect.apply(original, self, args),
          (once) => exchange.within(once),
        )
      }
    } finally {
      publishing = outer
    }
  })
  guard.onRelease(undo)
}

/**
 * Runs `publish` exactly once. `within` gets a function to call, and may fail to call it or call it twice. What `within`
 * throws is its own; what `publish` throws is rethrown at the end.
 */
export function publishOnce(publish: () => void, within: (once: () => void) => void): void {
  let called = false
  let thrown: { readonly error: unknown } | undefined
  const once = (): void => {
    if (called) return
    called = true
    try {
      publish()
    } catch (error) {
      thrown = { error }
    }
  }
  within(once)
  once()
  if (thrown !== undefined) throw (thrown as { readonly error: unknown }).error
}
