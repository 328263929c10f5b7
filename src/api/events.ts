/**
 * Server-sent events (WHATWG HTML) in any split of the bytes → the documents in their data, in bounded memory. Few events
 * have a value that is needed, so many are scanned at a time. Read are the first ones, until id and model are known; the
 * last ones; and those with a key of tokens or credits or an error. Where a scan ends depends only on the count of bytes.
 */
import type { BodyFacts } from './body-facts.ts'
import { dropComments } from './event-comments.ts'
import { CARRIAGE_RETURN, lastEventEnd, lastEventsStart, LINE_FEED, Occurrences } from './event-scan.ts'
import { BYTE_ORDER_MARK, COLON, JsonSelector } from './json.ts'
import { parseDocuments } from './json-form.ts'
import { KEPT_STAGE_BYTES, MAX_SMALL_BYTES, MAX_STAGE_BYTES, MAX_WORD_LENGTH } from './limits.ts'
import type { Selection } from './selection.ts'
import type { BodyForm } from './staged-body.ts'

const SPACE = 0x20
const NEW_LINE = Buffer.from('\n')
const DONE = '[DONE]'

/** Ends of keys of usage: fewer than 7 bytes, a rare one first, for Node then searches with `memchr`. */
const TOKENS_WORD = 'kens"'
const CREDITS_WORD = '_used"'
/** The end of the key, type or code of an error: whatever follows it, the stream has failed. */
const ERROR_WORD = 'rror"'
/** Events read at the beginning, as long as id and model are not known. */
const FIRST_EVENTS = 8
/** A line longer than this is read piece by piece; a shorter one waits for its end. */
const SHORT_LINE_BYTES = 64

/** What the next bytes of a line are. */
const AT_LINE_START = 0
const IN_DATA = 1
const IN_REST = 2

/** Receives the documents of a body, and the events that are read of a stream. */
type BodySink = Pick<BodyFacts, 'isAnonymous' | 'add' | 'addEventName' | 'addDone'>

/** Reads a body of server-sent events. */
export class EventForm implements BodyForm {
  readonly looksBack = true
  /** Reads the data that is not short. */
  readonly selector: JsonSelector
  readonly #sink: BodySink
  #bytes: Buffer = NEW_LINE
  #line = AT_LINE_START
  #isFirstLine = true
  /** The line before ended in a carriage return: a line feed now is part of that end. */
  #isAfterReturn = false
  #isInEvent = false
  #dataLines = 0
  #eventsRead = 0
  /** At least one line of data was read: this is an event stream indeed. */
  hasData = false

  constructor(selection: Selection, sink: BodySink) {
    this.#sink = sink
    // Some servers leave out the blank line between two events, or put two documents into one.
    this.selector = new JsonSelector(selection, this.#add, true)
  }

  readonly #add = (document: unknown, isWhole: boolean): void => this.#sink.add(document, isWhole, true)

  /** Reads a full stage, except for the newest events. */
  read(bytes: Buffer, staged: number): number {
    const size = this.#dropComments(bytes, staged)
    if (size <= MAX_STAGE_BYTES / 2) return size
    const boundary = lastEventEnd(bytes, size - KEPT_STAGE_BYTES)
    const at = this.#readRange(bytes, boundary > 0 ? boundary : size, false)
    bytes.copyWithin(0, at, size)
    return size - at
  }

  /** Reads the rest. The last event counts as far as it came, also without the blank line after it. */
  end(bytes: Buffer, staged: number): void {
    this.#readRange(bytes, this.#dropComments(bytes, staged), true)
    this.#endEvent()
  }

  #dropComments(bytes: Buffer, size: number): number {
    const isAtLineStart = this.#line === AT_LINE_START
    return dropComments(bytes, size, {
      isAtLineStart,
      isAfterReturn: this.#isAfterReturn,
      isBetweenEvents: isAtLineStart && !this.#isInEvent,
    })
  }

  /** Reads up to `to`. Returns the position where it stopped: earlier than `to` when a short line has not ended. */
  #readRange(staged: Buffer, to: number, isEnd: boolean): number {
    const bytes = (this.#bytes = staged.subarray(0, to))
    const tokenKeys = new Occurrences(bytes, TOKENS_WORD)
    const creditKeys = new Occurrences(bytes, CREDITS_WORD)
    const errors = new Occurrences(bytes, ERROR_WORD)
    const returns = new Occurrences(bytes, '\r')
    const lastEventsFrom = isEnd ? lastEventsStart(bytes, to) : to
    let at = 0
    while (at < to) {
      if (!this.#isInEvent && !(this.#eventsRead < FIRST_EVENTS && this.#sink.isAnonymous)) {
        const nextKey = Math.min(tokenKeys.next(at), creditKeys.next(at), errors.next(at), lastEventsFrom)
        at = Math.max(at, lastEventEnd(bytes, nextKey))
        if (at >= to) break
      }
      const lineFeed = bytes.indexOf(LINE_FEED, at)
      const lineEnd = Math.min(lineFeed < 0 ? to : lineFeed, returns.next(at))
      if (lineEnd === to && !isEnd && to - at < SHORT_LINE_BYTES) return at
      this.#readLine(at, lineEnd, lineEnd < to || isEnd)
      at = lineEnd + 1
    }
    return to
  }

  /** Reads the line `[from, to)`, or a part of it. `isEnded`: the byte at `to` ends the line. */
  #readLine(from: number, to: number, isEnded: boolean): void {
    const isLineFeedOnly = from === to && this.#isAfterReturn && this.#bytes[to] === LINE_FEED
    this.#isAfterReturn = isEnded && this.#bytes[to] === CARRIAGE_RETURN
    if (isLineFeedOnly) return
    if (this.#line === IN_DATA) this.selector.write(this.#bytes, from, to)
    else if (this.#line === AT_LINE_START) this.#beginLine(from, to, isEnded)
    if (isEnded) this.#line = AT_LINE_START
  }

  /** Ends the current event: at a blank line, or at the end of the stream. */
  #endEvent(): void {
    if (this.#dataLines > 0) {
      this.#eventsRead++
      this.selector.end()
    }
    this.#dataLines = 0
    this.#isInEvent = false
    this.#line = AT_LINE_START
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
    this.#isInEvent = true
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
    this.hasData = true
    if (to - from === DONE.length && this.#bytes.toString('latin1', from, to) === DONE) {
      this.#sink.addDone()
      return
    }
    this.#line = IN_DATA
    const isFirst = this.#dataLines++ === 0
    // The whole data of a short event.
    if (isFirst && isEnded && to - from <= MAX_SMALL_BYTES && this.#isBeforeBlankLine(to)) {
      if (parseDocuments(this.#bytes.toString('utf8', from, to), this.#add)) return
    }
    if (!isFirst) this.selector.write(NEW_LINE)
    this.selector.write(this.#bytes, from, to)
  }

  /** Whether a blank line follows the line that ends at `at`, as far as the bytes show. */
  #isBeforeBlankLine(at: number): boolean {
    const hasBoth = this.#bytes[at] === CARRIAGE_RETURN && this.#bytes[at + 1] === LINE_FEED
    const next = this.#bytes[hasBoth ? at + 2 : at + 1]
    return next === LINE_FEED || next === CARRIAGE_RETURN
  }
}
