/** Finds the occurrences of a word from ascending positions, and searches each byte once. */
export class Occurrences {
  readonly #bytes: Buffer
  readonly #word: string
  #found = -1

  constructor(bytes: Buffer, word: string) {
    this.#bytes = bytes
    this.#word = word
  }

  /** The first occurrence at or after `from`; the size of the bytes when there is none. */
  next(from: number): number {
    if (this.#found < from) {
      const found = this.#bytes.indexOf(this.#word, from, 'latin1')
      this.#found = found < 0 ? this.#bytes.length : found
    }
    return this.#found
  }
}
