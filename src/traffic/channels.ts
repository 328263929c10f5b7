import diagnosticsChannel from 'node:diagnostics_channel'
import type { Unhook } from './exchange.ts'

/** Subscribes, and gives the undo. `subscriber` must not throw (see `guard.ts`). */
export function subscribe(name: string, subscriber: (message: unknown) => void): Unhook {
  diagnosticsChannel.subscribe(name, subscriber)
  return () => {
    diagnosticsChannel.unsubscribe(name, subscriber)
  }
}
