/** When the chunks of one response came: the first, the last, and the times between them. */

/** Intervals kept before they have to be handed on. */
const MAX_INTERVALS = 256

export class ChunkTimes {
  /** Monotonic milliseconds. */
  firstMs = 0
  lastMs = 0
  #intervalsMs: number[] = []

  /** Full: the next intervals are not kept until these were taken. */
  get isFull(): boolean {
    return this.#intervalsMs.length >= MAX_INTERVALS
  }

  /** A chunk came. Those of one moment are one. */
  add(nowMs: number): void {
    if (this.lastMs === 0) this.firstMs = nowMs
    else if (nowMs > this.lastMs && !this.isFull) this.#intervalsMs.push(nowMs - this.lastMs)
    this.lastMs = nowMs
  }

  /** The intervals since they were last taken. */
  take(): number[] {
    const taken = this.#intervalsMs
    if (taken.length > 0) this.#intervalsMs = []
    return taken
  }
}
