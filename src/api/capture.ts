/** Collects the bytes of one JSON value over chunk borders, up to a limit, and parses it when it is complete. */

export class Capture {
  /** Position in the current chunk at which the value, or its rest, begins. */
  #from = -1
  #kept: Buffer | undefined
  #keptBytes = 0
  #isTooLong = false

  get active(): boolean {
    return this.#from >= 0
  }

  begin(from: number): void {
    this.#from = from
    this.#keptBytes = 0
    this.#isTooLong = false
  }

  /** A new chunk: the value continues at `from`. */
  resume(from: number): void {
    if (this.active) this.#from = from
  }

  cancel(): void {
    this.#from = -1
    this.#kept = undefined
  }

  /** Copies the value's bytes in the current chunk, which is valid for this call only. */
  keep(bytes: Buffer, to: number, maxBytes: number): void {
    if (!this.active || this.#isTooLong) return
    const addedBytes = to - this.#from
    if (this.#keptBytes + addedBytes > maxBytes) {
      this.#isTooLong = true
      this.#kept = undefined
      return
    }
    const needed = this.#keptBytes + addedBytes
    if (this.#kept === undefined || this.#kept.length < needed) {
      const grown = Buffer.allocUnsafeSlow(Math.min(Math.max(needed * 2, 64), Math.max(maxBytes, needed)))
      this.#kept?.copy(grown, 0, 0, this.#keptBytes)
      this.#kept = grown
    }
    bytes.copy(this.#kept, this.#keptBytes, this.#from, to)
    this.#keptBytes = needed
  }

  /** The text of the value that ends at `to`; `undefined` when it is longer than `maxBytes`. */
  take(bytes: Buffer, to: number, maxBytes: number): string | undefined {
    const from = this.#from
    this.#from = -1
    if (this.#isTooLong || this.#keptBytes + to - from > maxBytes) {
      this.#kept = undefined
      return undefined
    }
    if (this.#keptBytes === 0) return bytes.toString('utf8', from, to)
    const whole = Buffer.concat([
      (this.#kept as Buffer).subarray(0, this.#keptBytes),
      bytes.subarray(from, to),
    ])
    this.#kept = undefined
    return whole.toString('utf8')
  }
}
