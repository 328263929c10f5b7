/** The server's clock, by the `Date` headers of its responses. */

/** A time range of the ledger or the log. Server time, milliseconds since the epoch. */
export interface Stretch {
  readonly startMs: number
  /** Exclusive in the ledger. */
  readonly endMs: number
}

/** Converts times to the server's clock. */
export interface ServerTime {
  /** Converts local milliseconds since the epoch to the server's clock. */
  at(localMs: number): number
  /** A response, requested at `sentMs` and received at `receivedMs` (local), has the date `dateMs`. */
  observe(dateMs: number, sentMs: number, receivedMs: number): void
}

/** `Date` has whole seconds, so smaller differences are noise. */
const RESOLUTION_MS = 2000

/** Until the first response both clocks count as equal; small differences always do. */
export function createServerTime(): ServerTime {
  let offsetMs = 0
  return {
    at: (localMs) => localMs + offsetMs,
    observe(dateMs, sentMs, receivedMs) {
      const measuredMs = dateMs - (sentMs + receivedMs) / 2
      const uncertaintyMs = RESOLUTION_MS + Math.abs(receivedMs - sentMs) / 2
      if (Math.abs(measuredMs - offsetMs) <= uncertaintyMs) return
      offsetMs = Math.abs(measuredMs) <= uncertaintyMs ? 0 : measuredMs
    },
  }
}
