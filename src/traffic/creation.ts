import diagnosticsChannel from 'node:diagnostics_channel'
import { subscribe } from './channels.ts'
import type { Exchange, Unhook } from './exchange.ts'
import type { Guard } from './guard.ts'
import { overridePublish } from './publish-override.ts'

/** What was begun for a request, as far as spans of others are nested in it. */
export type Nest = Pick<Exchange, 'within'>

/**
 * Calls `observe` once for every message on a channel that announces requests. With `nest`, the channel's
 * other subscribers run inside the exchange that it returned, so that their spans become children of ours.
 */
export function hookCreation<Message extends object>(
  channel: string,
  nest: boolean,
  guard: Guard,
  observe: (message: Message) => Nest | undefined,
): Unhook {
  /** The message that the override has shown to `observe` and is publishing. */
  let publishing: unknown

  // Also what makes the client publish at all, and what observes (beside, not inside) should somebody else
  // have removed the override together with an own one.
  const unsubscribe = subscribe(
    channel,
    guard.subscriber<Message>(channel, (message) => {
      if (message !== publishing) observe(message)
    }),
  )
  if (!nest) return unsubscribe

  const listeners = diagnosticsChannel.channel(channel) as Listeners

  const undoOverride = overridePublish(channel, (message, publish) => {
    const exchange = guard.attempt(channel, () => observe(message as Message))
    const outer = publishing
    publishing = message
    try {
      if (exchange === undefined || isAlone(listeners)) publish()
      else exchange.within(publish)
    } finally {
      publishing = outer
    }
  })
  return () => {
    undoOverride()
    unsubscribe()
  }
}

/** Unofficial. A channel keeps its subscribers so in all versions; should it not, `isAlone` says no. */
interface Listeners {
  readonly _subscribers?: readonly unknown[]
}

/** Whether nobody but `hookCreation` itself listens: then nothing has to run inside the exchange. */
function isAlone({ _subscribers }: Listeners): boolean {
  return _subscribers?.length === 1
}
