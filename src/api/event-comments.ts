/** Removes the comments of an event stream, of which servers send any number to keep a connection open. */
import { Occurrences } from './occurrences.ts'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const COLON = 0x3a

/**
 * Removes comments, and blank lines when no event is open. All other lines end in a line feed afterwards, where they may
 * have ended in a carriage return or both.
 */
export class CommentFilter {
  #isAtLineStart = true
  #isInComment = false
  /** The last line ended in a carriage return: a line feed now is part of that end. */
  #isAfterReturn = false
  #isBetweenEvents = true

  /** Filters `bytes[from, size)` in place, and returns the new size. */
  filter(bytes: Buffer, from: number, size: number): number {
    if (from === size) return size
    if (!this.#isNeeded(bytes, from, size)) {
      const hasLineEnd = bytes[size - 1] === LINE_FEED
      const isBlank = size - from > 1 ? bytes[size - 2] === LINE_FEED : this.#isAtLineStart
      this.#isBetweenEvents = hasLineEnd && isBlank
      this.#isAtLineStart = hasLineEnd
      return size
    }
    const lineFeeds = new Occurrences(bytes, '\n')
    const returns = new Occurrences(bytes, '\r')
    let kept = from
    for (let at = from; at < size;) {
      const end = Math.min(lineFeeds.next(at), returns.next(at), size)
      kept = this.#filterLine(bytes, at, end, end < size, kept)
      at = end + 1
    }
    return kept
  }

  #isNeeded(bytes: Buffer, from: number, size: number): boolean {
    if (this.#isInComment || this.#isAfterReturn) return true
    if (this.#isAtLineStart && bytes[from] === COLON) return true
    const comment = bytes.indexOf('\n:', from, 'latin1')
    if (comment >= 0 && comment + 1 < size) return true
    const carriageReturn = bytes.indexOf(CARRIAGE_RETURN, from)
    return carriageReturn >= 0 && carriageReturn < size
  }

  /** Moves the line `[from, to)`, or a part of it, to `kept` if it is needed, and returns where it ends there. */
  #filterLine(bytes: Buffer, from: number, to: number, isEnded: boolean, kept: number): number {
    const isEndOfReturn = this.#isAfterReturn && from === to && bytes[to] === LINE_FEED
    this.#isAfterReturn = isEnded && bytes[to] === CARRIAGE_RETURN
    if (isEndOfReturn) return kept
    if (this.#isAtLineStart) this.#isInComment = bytes[from] === COLON
    const isBlank = this.#isAtLineStart && from === to
    const isDropped = this.#isInComment || (isBlank && this.#isBetweenEvents)
    if (!this.#isInComment) this.#isBetweenEvents = isBlank
    this.#isAtLineStart = isEnded
    if (isEnded) this.#isInComment = false
    if (isDropped) return kept
    bytes.copyWithin(kept, from, to)
    const end = kept + to - from
    if (!isEnded) return end
    bytes[end] = LINE_FEED
    return end + 1
  }
}
