/** The server's clock as the `Date` headers of its answers show it. */

export interface ServerTime {
  /** Local milliseconds since the epoch, as the server's clock would say it. */
  at(localMs: number): number
  /** An answer to a request sent at `sentMs` and received at `receivedMs` (local) was dated `dateMs`. */
  observe(dateMs: number, sentMs: number, receivedMs: number): void
}

/** `Date` has whole seconds, so a smaller difference says nothing. */
const RESOLUTION_MS = 2000

/** Until the first answer both clocks count as equal; small differences always do. */
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
