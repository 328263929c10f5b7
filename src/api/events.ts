/**
 * Server-sent events (WHATWG HTML, section "Server-sent events") in any split of the bytes → the documents in
 * their data, in bounded memory. An event of any size is read without being kept.
 *
 * A stream has hundreds of events, and few say anything that is looked for. Events are therefore looked at many at a
 * time: the first ones are read until they have named the answer, the last ones always, and of those between every one
 * that speaks of tokens or credits. Comments are no events, so they are taken out before. Where such a batch
 * ends depends on the count of bytes alone, so the outcome is the same for every split.
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
 * Ends of the keys by which an event speaks of usage: `…tokens`, `credits_used`, `tokens_used`. Fewer than seven
 * bytes, beginning with a rare one: Node then searches at the speed of `memchr`, several times faster than for
 * a longer word.
 */
const TOKENS_WORD = 'kens"'
const CREDITS_WORD = '_used"'
/** Events read at the beginning, as long as id and model are not known. */
const FIRST_EVENTS = 8
/** Events read at the end, whatever they say: finish reasons, errors, usage in other words. */
const LAST_EVENTS = 4
/** A line that did not end within so many bytes is read piece by piece; a shorter one waits for its end. */
const SHORT_LINE_BYTES = 64

/** What the rest of a line belongs to. */
const AT_LINE_START = 0
const IN_DATA = 1
const IN_REST = 2

/** Receives what is read of an event stream. */
export interface EventSink {
  /** The first events are still needed. */
  readonly isAnonymous: boolean
  /** The document in an event that is read; not `isWhole` when it was cut off or turned invalid. */
  add(document: unknown, isWhole: boolean, isEvent: true): void
  /** The name of an event that is read and has one. */
  addEventName(name: string): void
  /** `[DONE]`, which is no document. */
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
  /** A whole and only line of data, not read yet: `JSON.parse` can have it when the event ends with it. */
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

  /** Reads what is left. A last event counts without the blank line after it, as far as it came. */
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

  /** Reads up to `to`; gives the position where it stopped, because a short line has not ended. */
  #readRange(to: number, isEnd: boolean): number {
    this.#bytes = this.#bytes.subarray(0, to)
    const loudTokens = new Occurrences(this.#bytes, TOKENS_WORD)
    const loudCredits = new Occurrences(this.#bytes, CREDITS_WORD)
    const returns = new Occurrences(this.#bytes, '\r')
    const lastEventsFrom = isEnd ? this.#lastEventsStart(to) : to
    let at = 0
    while (at < to) {
      if (!this.#inEvent && !(this.#eventsRead < FIRST_EVENTS && this.#sink.isAnonymous)) {
        const loud = Math.min(loudTokens.next(at), loudCredits.next(at), lastEventsFrom)
        at = Math.max(at, this.#lastEventEnd(loud))
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

  /** Hands the waiting line of data to the selector: more is to come, or its bytes are about to go away. */
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
