/** Reads the lines of server-sent events, in any split of the bytes, and passes their documents on. */
import type { BodyFacts } from './body-facts.ts'
import { JsonSelector } from './json.ts'
import { parseDocuments } from './json-form.ts'
import { MAX_SMALL_BYTES, MAX_WORD_LENGTH } from './limits.ts'
import type { Selection } from './selection.ts'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const COLON = 0x3a
const SPACE = 0x20
const BYTE_ORDER_MARK = Buffer.from('\uFEFF')
const NEW_LINE = Buffer.from('\n')
const DONE = '[DONE]'

/** What the next bytes of a line are. */
const AT_LINE_START = 0
const IN_DATA = 1
const IN_REST = 2

/** Receives the documents of a body, and the events that are read of a stream. */
export type BodySink = Pick<BodyFacts, 'isAnonymous' | 'add' | 'addEventName' | 'addDone'>

export class EventReader {
  readonly #sink: BodySink
  /** Reads the data that is not short. */
  readonly selector: JsonSelector
  #bytes: Buffer = NEW_LINE
  #line = AT_LINE_START
  #isFirstLine = true
  /** The line before ended in a carriage return: a line feed now is part of that end. */
  isAfterReturn = false
  isInEvent = false
  #dataLines = 0
  /** Number of events with data that have ended. */
  eventsRead = 0
  /** At least one line of data was read: this is an event stream indeed. */
  hasData = false

  constructor(selection: Selection, sink: BodySink) {
    this.#sink = sink
    this.selector = new JsonSelector(selection, this.#add)
  }

  readonly #add = (document: unknown, isWhole: boolean): void => this.#sink.add(document, isWhole, true)

  get isAtLineStart(): boolean {
    return this.#line === AT_LINE_START
  }

  /** Sets the bytes of the following lines. */
  use(bytes: Buffer): void {
    this.#bytes = bytes
  }

  /** Reads the line `[from, to)`, or a part of it. `isEnded`: the byte at `to` ends the line. */
  readLine(from: number, to: number, isEnded: boolean): void {
    const isLineFeedOnly = from === to && this.isAfterReturn && this.#bytes[to] === LINE_FEED
    this.isAfterReturn = isEnded && this.#bytes[to] === CARRIAGE_RETURN
    if (isLineFeedOnly) return
    if (this.#line === IN_DATA) this.selector.write(this.#bytes, from, to)
    else if (this.#line === AT_LINE_START) this.#beginLine(from, to, isEnded)
    if (isEnded) this.#line = AT_LINE_START
  }

  /** Ends the current event: at a blank line, or at the end of the stream. */
  endEvent(): void {
    if (this.#dataLines > 0) {
      this.eventsRead++
      this.selector.end()
    }
    this.#dataLines = 0
    this.isInEvent = false
    this.#line = AT_LINE_START
  }

  #beginLine(lineFrom: number, to: number, isEnded: boolean): void {
    let from = lineFrom
    if (this.#isFirstLine) {
      this.#isFirstLine = false
      if (this.#bytes.subarray(from, from + 3).equals(BYTE_ORDER_MARK)) from += 3
    }
    if (from === to) {
      this.endEvent()
      return
    }
    this.isInEvent = true
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
