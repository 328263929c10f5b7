/**
 * Server-sent events (WHATWG HTML, section "Server-sent events") in any split of the bytes → the documents in
 * their data, in bounded memory. An event of any size is read without being kept.
 *
 * A stream has hundreds of events, and few of them have a value that is needed. Events are therefore scanned many at a
 * time. Read are: the first ones, until id and model are known; the last ones; and between them those that contain a key
 * of tokens or credits. Comments are removed before. Where a scan ends depends only on the count of bytes, so the result
 * is the same for every split.
 */
import { dropComments } from './event-comments.ts'
import { JsonSelector } from './json.ts'
import { giveDocuments, parseWhole } from './json-form.ts'
import { KEPT_STAGE_BYTES, MAX_SMALL_BYTES, MAX_STAGE_BYTES, MAX_WORD_LENGTH } from './limits.ts'
import { Occurrences } from './occurrences.ts'
import type { Selection } from './selection.ts'
import type { BodyForm } from './staged-body.ts'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const COLON = 0x3a
const SPACE = 0x20
const BYTE_ORDER_MARK = Buffer.from('\uFEFF')
const NEW_LINE = Buffer.from('\n')
const DONE = '[DONE]'

/**
 * Ends of the keys of usage: `…tokens`, `credits_used`, `tokens_used`. Fewer than seven bytes that begin with a rare one:
 * Node then searches with `memchr`, several times faster than for a longer word.
 */
const TOKENS_WORD = 'kens"'
const CREDITS_WORD = '_used"'
/** Events read at the beginning, as long as id and model are not known. */
const FIRST_EVENTS = 8
/** Events read at the end: finish reasons, errors, usage under other keys. */
const LAST_EVENTS = 4
/** A line longer than this is read piece by piece; a shorter one waits for its end. */
const SHORT_LINE_BYTES = 64

/** What the next bytes of a line are. */
const AT_LINE_START = 0
const IN_DATA = 1
const IN_REST = 2

/** Receives the events that are read. */
export interface EventSink {
  /** Id or model is still unknown: the first events are read. */
  readonly isAnonymous: boolean
  /** The document in an event; `isWhole` is false when it was cut off or is invalid. */
  add(document: unknown, isWhole: boolean, isEvent: true): void
  /** The name of an event, if it has one. */
  addEventName(name: string): void
  /** The end marker `[DONE]`. */
  addDone(): void
}

export class EventForm implements BodyForm {
  readonly looksBack = true
  readonly #sink: EventSink
  readonly #selector: JsonSelector
  /** The staged bytes, while they are read. */
  #bytes: Buffer = NEW_LINE
  #line = AT_LINE_START
  #isFirstLine = true
  /** The line before ended in a carriage return: a line feed now is part of that end. */
  #isAfterReturn = false
  #inEvent = false
  /** Position of a complete line of data that is not read yet: `JSON.parse` reads it if the event ends after it. */
  #dataFrom = -1
  #dataTo = -1
  #dataLines = 0
  #eventsRead = 0
  #hasData = false

  constructor(selection: Selection, sink: EventSink) {
    this.#sink = sink
    this.#selector = new JsonSelector(selection, { onDocument: this.#add })
  }

  readonly #add = (document: unknown, isWhole: boolean): void => this.#sink.add(document, isWhole, true)

  /** Some event's data was no JSON, or was cut off. */
  get invalid(): boolean {
    return this.#selector.invalid
  }

  get tooLarge(): boolean {
    return this.#selector.tooLarge
  }

  /** At least one line of data was read: this is an event stream indeed. */
  get hasData(): boolean {
    return this.#hasData
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
    this.#endEvent()
  }

  #dropComments(bytes: Buffer, size: number): number {
    const isAtLineStart = this.#line === AT_LINE_START
    const isBetweenEvents = isAtLineStart && !this.#inEvent
    return dropComments(bytes, size, { isAtLineStart, isAfterReturn: this.#isAfterReturn, isBetweenEvents })
  }

  /** Reads up to `to`. Returns the position where it stopped: earlier than `to` when a short line has not ended. */
  #readRange(to: number, isEnd: boolean): number {
    this.#bytes = this.#bytes.subarray(0, to)
    const tokenKeys = new Occurrences(this.#bytes, TOKENS_WORD)
    const creditKeys = new Occurrences(this.#bytes, CREDITS_WORD)
    const returns = new Occurrences(this.#bytes, '\r')
    const lastEventsFrom = isEnd ? this.#lastEventsStart(to) : to
    let at = 0
    while (at < to) {
      if (!this.#inEvent && !(this.#eventsRead < FIRST_EVENTS && this.#sink.isAnonymous)) {
        const nextKey = Math.min(tokenKeys.next(at), creditKeys.next(at), lastEventsFrom)
        at = Math.max(at, this.#lastEventEnd(nextKey))
        if (at >= to) break
      }
      const lineEnd = this.#findLineEnd(at, to, returns)
      if (lineEnd === to && !isEnd && to - at < SHORT_LINE_BYTES) {
        this.#selectData()
        return at
      }
      this.#readLine(at, lineEnd, lineEnd < to || isEnd)
      at = lineEnd + 1
    }
    if (!isEnd) this.#selectData()
    return to
  }

  /** The position of the line feed or carriage return that ends the line at `at`; `to` when it does not end. */
  #findLineEnd(at: number, to: number, returns: Occurrences): number {
    const found = this.#bytes.indexOf(LINE_FEED, at)
    const lineFeed = found < 0 ? to : found
    return Math.min(lineFeed, returns.next(at), to)
  }

  #readLine(from: number, to: number, isEnded: boolean): void {
    const isLineFeedOnly = from === to && this.#isAfterReturn && this.#bytes[to] === LINE_FEED
    this.#isAfterReturn = isEnded && this.#bytes[to] === CARRIAGE_RETURN
    if (isLineFeedOnly) return
    if (this.#line === IN_DATA) this.#selector.write(this.#bytes, from, to)
    else if (this.#line === AT_LINE_START) this.#beginLine(from, to, isEnded)
    if (isEnded) this.#line = AT_LINE_START
  }

  #beginLine(lineFrom: number, to: number, isEnded: boolean): void {
    let from = lineFrom
    if (this.#isFirstLine) {
      this.#isFirstLine = false
      if (this.#bytes.subarray(from, from + 3).equals(BYTE_ORDER_MARK)) from += 3
    }
    if (from === to) {
      this.#endEvent()
      return
    }
    this.#inEvent = true
    this.#line = IN_REST
    if (this.#isField('data', from, to))
      this.#beginData(Math.min(to, this.#valueStart(from + 4)), to, isEnded)
    else if (this.#isField('event', from, to)) {
      const nameFrom = this.#valueStart(from + 5)
      const name = this.#bytes.toString('latin1', nameFrom, Math.min(to, nameFrom + MAX_WORD_LENGTH))
      this.#sink.addEventName(name)
    }
  }

  #isField(name: string, from: number, to: number): boolean {
    const end = from + name.length
    if (end > to || (end < to && this.#bytes[end] !== COLON)) return false
    return this.#bytes.toString('latin1', from, end) === name
  }

  #valueStart(colonAt: number): number {
    return this.#bytes[colonAt + 1] === SPACE ? colonAt + 2 : colonAt + 1
  }

  #beginData(from: number, to: number, isEnded: boolean): void {
    this.#hasData = true
    if (to - from === DONE.length && this.#bytes.toString('latin1', from, to) === DONE) {
      this.#sink.addDone()
      return
    }
    this.#line = IN_DATA
    if (this.#dataLines++ === 0 && isEnded && to - from <= MAX_SMALL_BYTES) {
      this.#dataFrom = from
      this.#dataTo = to
      return
    }
    this.#selectData()
    if (this.#dataLines > 1) this.#selector.write(NEW_LINE)
    this.#selector.write(this.#bytes, from, to)
  }

  /** Passes the waiting line of data to the selector: more data follows, or its bytes become invalid. */
  #selectData(): void {
    if (this.#dataFrom < 0) return
    this.#selector.write(this.#bytes, this.#dataFrom, this.#dataTo)
    this.#dataFrom = -1
  }

  #endEvent(): void {
    if (this.#dataLines > 0) {
      this.#eventsRead++
      this.#endData()
    }
    this.#dataLines = 0
    this.#inEvent = false
    this.#line = AT_LINE_START
  }

  #endData(): void {
    const isWaiting = this.#dataFrom >= 0
    const document = isWaiting
      ? parseWhole(this.#bytes.toString('utf8', this.#dataFrom, this.#dataTo))
      : undefined
    if (document === undefined) {
      this.#selectData()
      this.#selector.end()
    } else {
      this.#dataFrom = -1
      giveDocuments(document, this.#add)
    }
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
    for (let count = 0; count < LAST_EVENTS && start > 0; count++) start = this.#lastEventEnd(start - 1)
    return start
  }
}
