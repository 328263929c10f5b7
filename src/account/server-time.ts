/** `Date` has whole seconds, so smaller differences are noise. */
const RESOLUTION_MS = 2000

/**
 * The server's clock, by the `Date` headers of its responses. Until the first one both clocks count as equal; small
 * differences always do.
 */
export class ServerTime {
  #offsetMs = 0

  /** Converts local milliseconds since the epoch to the server's clock. */
  at(localMs: number): number {
    return localMs + this.#offsetMs
  }

  /** A response, requested at `sentMs` and received at `receivedMs` (local), has the date `dateMs`. */
  observe(dateMs: number, sentMs: number, receivedMs: number): void {
    const measuredMs = dateMs - (sentMs + receivedMs) / 2
    const uncertaintyMs = RESOLUTION_MS + Math.abs(receivedMs - sentMs) / 2
    if (Math.abs(measuredMs - this.#offsetMs) <= uncertaintyMs) return
    this.#offsetMs = Math.abs(measuredMs) <= uncertaintyMs ? 0 : measuredMs
  }
}
