/** `Date` has whole seconds, so smaller differences are noise. */
const RESOLUTION_MS = 2000

/**
 * So many responses in a row must differ, unless the clock of this host was set: servers behind one address may have
 * clocks of their own, and a cache an old date. If each were followed, no stretch of time would stand still to be read.
 */
const DIFFERING_RESPONSES = 8

/** The server's clock, by the `Date` headers of its responses. Before the first, both clocks count as equal. */
export class ServerTime {
  #offsetMs = 0
  #differing = 0
  /** Local time less monotonic time: differs once the clock of this host was set. */
  #hostMs: number | undefined

  /** Converts local milliseconds since the epoch to the server's clock. */
  at(localMs: number): number {
    return localMs + this.#offsetMs
  }

  /** The date of a response. `monotonicMs`: when it was received, by a clock that is never set. */
  observe(dateMs: number, sentMs: number, receivedMs: number, monotonicMs: number): void {
    const measuredMs = dateMs - (sentMs + receivedMs) / 2
    const uncertaintyMs = RESOLUTION_MS + Math.abs(receivedMs - sentMs) / 2
    const differs = Math.abs(measuredMs - this.#offsetMs) > uncertaintyMs
    this.#differing = differs ? this.#differing + 1 : 0
    const hostMs = receivedMs - monotonicMs
    const wasHostSet = this.#hostMs === undefined || Math.abs(hostMs - this.#hostMs) > RESOLUTION_MS
    if (!differs && uncertaintyMs < 2 * RESOLUTION_MS) this.#hostMs ??= hostMs
    if (!differs || (!wasHostSet && this.#differing < DIFFERING_RESPONSES)) return
    this.#hostMs = hostMs
    this.#differing = 0
    this.#offsetMs = Math.abs(measuredMs) <= uncertaintyMs ? 0 : measuredMs
  }
}
