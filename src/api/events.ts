/**
 * Server-sent events (WHATWG HTML) in any split of the bytes → the documents in their data, in bounded memory. Few of the
 * hundreds of events of a stream have a value that is needed, so they are scanned many at a time. Read are the first ones,
 * until id and model are known; the last ones; and between them those with a key of tokens or credits. Where a scan ends
 * depends only on the count of bytes, so the result is the same for every split.
 */
import { dropComments } from './event-comments.ts'
import { EventReader, type BodySink } from './event-reader.ts'
import type { JsonSelector } from './json.ts'
import { KEPT_STAGE_BYTES, MAX_STAGE_BYTES } from './limits.ts'
import { Occurrences } from './occurrences.ts'
import type { Selection } from './selection.ts'
import type { BodyForm } from './staged-body.ts'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const NO_BYTES = Buffer.alloc(0)

/** Ends of keys of usage: fewer than 7 bytes, a rare one first, for Node then searches with `memchr`. */
const TOKENS_WORD = 'kens"'
const CREDITS_WORD = '_used"'
/** Events read at the beginning, as long as id and model are not known. */
const FIRST_EVENTS = 8
/** Events read at the end: finish reasons, errors, usage under other keys. Keep-alive events are not among them. */
const LAST_EVENTS = 4
const KEEP_ALIVE = /^(?:event: ?ping\b|data: ?\{"type": ?"ping"\})/
/** A choice that has ended. Read before the last events, too, as far as such events follow each other. */
const FINISHED = /"finish_reason": ?"/
/** An event that is longer is not a keep-alive, and not the end of a choice. */
const MAX_SHORT_EVENT_BYTES = 512
/** A line longer than this is read piece by piece; a shorter one waits for its end. */
const SHORT_LINE_BYTES = 64

export class EventForm implements BodyForm {
  readonly looksBack = true
  readonly selector: JsonSelector
  readonly #sink: BodySink
  readonly #reader: EventReader
  #bytes: Buffer = NO_BYTES

  constructor(selection: Selection, sink: BodySink) {
    this.#sink = sink
    this.#reader = new EventReader(selection, sink)
    this.selector = this.#reader.selector
  }

  get hasData(): boolean {
    return this.#reader.hasData
  }

  /** Reads a full stage, except for the newest events. */
  read(bytes: Buffer, staged: number): number {
    const size = this.#dropComments(bytes, staged)
    if (size <= MAX_STAGE_BYTES / 2) return size
    this.#bytes = bytes
    const boundary = this.#lastEventEnd(size - KEPT_STAGE_BYTES)
    const at = this.#readRange(boundary > 0 ? boundary : size, false)
    bytes.copyWithin(0, at, size)
    return size - at
  }

  /** Reads the rest. The last event counts as far as it came, also without the blank line after it. */
  end(bytes: Buffer, staged: number): void {
    this.#bytes = bytes
    this.#readRange(this.#dropComments(bytes, staged), true)
    this.#reader.endEvent()
  }

  #dropComments(bytes: Buffer, size: number): number {
    const { isAtLineStart, isAfterReturn, isInEvent } = this.#reader
    return dropComments(bytes, size, {
      isAtLineStart,
      isAfterReturn,
      isBetweenEvents: isAtLineStart && !isInEvent,
    })
  }

  /** Reads up to `to`. Returns the position where it stopped: earlier than `to` when a short line has not ended. */
  #readRange(to: number, isEnd: boolean): number {
    this.#bytes = this.#bytes.subarray(0, to)
    this.#reader.use(this.#bytes)
    const tokenKeys = new Occurrences(this.#bytes, TOKENS_WORD)
    const creditKeys = new Occurrences(this.#bytes, CREDITS_WORD)
    const returns = new Occurrences(this.#bytes, '\r')
    const lastEventsFrom = isEnd ? this.#lastEventsStart(to) : to
    let at = 0
    while (at < to) {
      const { isInEvent, eventsRead } = this.#reader
      if (!isInEvent && !(eventsRead < FIRST_EVENTS && this.#sink.isAnonymous)) {
        const nextKey = Math.min(tokenKeys.next(at), creditKeys.next(at), lastEventsFrom)
        at = Math.max(at, this.#lastEventEnd(nextKey))
        if (at >= to) break
      }
      const lineEnd = this.#findLineEnd(at, to, returns)
      if (lineEnd === to && !isEnd && to - at < SHORT_LINE_BYTES) return at
      this.#reader.readLine(at, lineEnd, lineEnd < to || isEnd)
      at = lineEnd + 1
    }
    return to
  }

  /** The position of the line feed or carriage return that ends the line at `at`; `to` when it does not end. */
  #findLineEnd(at: number, to: number, returns: Occurrences): number {
    const found = this.#bytes.indexOf(LINE_FEED, at)
    const lineFeed = found < 0 ? to : found
    return Math.min(lineFeed, returns.next(at), to)
  }

  /** The last position up to `limit` that follows a blank line; 0 when there is none. */
  #lastEventEnd(limit: number): number {
    let lineFeed = limit
    while (lineFeed > 1) {
      lineFeed = this.#bytes.lastIndexOf(LINE_FEED, lineFeed - 1)
      if (lineFeed < 1) return 0
      const before = this.#bytes[lineFeed - 1]
      if (before === LINE_FEED) return lineFeed + 1
      if (before === CARRIAGE_RETURN && this.#bytes[lineFeed - 2] === LINE_FEED) return lineFeed + 1
    }
    return 0
  }

  #lastEventsStart(to: number): number {
    let start = to
    let count = 0
    while (start > 0) {
      const from = this.#lastEventEnd(start - 1)
      const event = start - from > MAX_SHORT_EVENT_BYTES ? '' : this.#bytes.toString('latin1', from, start)
      if (!KEEP_ALIVE.test(event)) {
        if (count >= LAST_EVENTS && !FINISHED.test(event)) break
        count++
      }
      start = from
    }
    return start
  }
}
