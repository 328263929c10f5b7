/** Searches in the bytes of an event stream: for words, ends of events, and the last events. */

export const LINE_FEED = 0x0a
export const CARRIAGE_RETURN = 0x0d

/** Events read at the end: finish reasons, errors, usage under other keys. Keep-alive events are not among them. */
const LAST_EVENTS = 4
const KEEP_ALIVE = /^(?:event: ?ping\b|data: ?\{"type": ?"ping"\})/
/** A choice that has ended. Read before the last events, too, as far as such events follow each other. */
const FINISHED = /"finish_reason": ?"/
/** An event that is longer is not a keep-alive, and not the end of a choice. */
const MAX_SHORT_EVENT_BYTES = 512

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

/** The last position up to `limit` that follows a blank line; 0 when there is none. */
export function lastEventEnd(bytes: Buffer, limit: number): number {
  let lineFeed = limit
  while (lineFeed > 1) {
    lineFeed = bytes.lastIndexOf(LINE_FEED, lineFeed - 1)
    if (lineFeed < 1) return 0
    const before = bytes[lineFeed - 1]
    if (before === LINE_FEED) return lineFeed + 1
    if (before === CARRIAGE_RETURN && bytes[lineFeed - 2] === LINE_FEED) return lineFeed + 1
  }
  return 0
}

/** Where the last events before `to` begin that are read. */
export function lastEventsStart(bytes: Buffer, to: number): number {
  let start = to
  let count = 0
  while (start > 0) {
    const from = lastEventEnd(bytes, start - 1)
    const event = start - from > MAX_SHORT_EVENT_BYTES ? '' : bytes.toString('latin1', from, start)
    if (!KEEP_ALIVE.test(event)) {
      if (count >= LAST_EVENTS && !FINISHED.test(event)) break
      count++
    }
    start = from
  }
  return start
}
