/**
 * The decoded bytes of a response body → its documents, whatever form they come in. The form is told by the
 * first byte that is not white space, because content types lie: an event stream may call itself JSON, and
 * JSON plain text. Only what calls itself binary is taken at its word, and never looked at.
 */
import type { Answer } from './answer.ts'
import { JsonReader } from './json-reader.ts'
import { RESPONSE_SELECTION } from './response-keys.ts'
import { SseReader } from './sse.ts'

export interface BodyWriter {
  /** Borrowed bytes. */
  write(bytes: Uint8Array): void
}

export interface BodyReader extends BodyWriter {
  end(): void
  /** What `write` comes down to, as soon as the form is known: streams have a great many chunks. */
  readonly writer: BodyWriter | undefined
  /** It was no form that is known, or something in it was not well-formed or not complete. */
  readonly invalid: boolean
  /** Something that was looked for is longer than the limits. */
  readonly tooLarge: boolean
  /** The body is an event stream. */
  readonly isEventStream: boolean
}

export interface BodyOptions {
  readonly contentType: string | undefined
  /** Documents may follow each other, one a line: the results of a batch. */
  readonly lines: boolean
  readonly answer: Answer
}

const BINARY_TYPE = /^(?:audio|video|image|font|model)\/|^application\/(?:octet-stream|zip|pdf|x-tar|gzip)\b/i
const EVENT_STREAM_TYPE = /^text\/event-stream\b/i
const LINES_TYPE = /^application\/(?:x-ndjson|ndjson|jsonl|x-jsonlines|json-seq|stream\+json)\b/i

export function createBodyReader({ contentType = '', lines, answer }: BodyOptions): BodyReader {
  const type = contentType.trim()
  if (BINARY_TYPE.test(type)) return new OpaqueBody(false)
  return new SniffedBody(EVENT_STREAM_TYPE.test(type), lines || LINES_TYPE.test(type), answer)
}

/** Whether an answer comes piece by piece by its nature, as far as the head says. */
export function isStreamType(contentType: string | undefined, contentLength: string | undefined): boolean {
  const type = contentType?.trim() ?? ''
  return (
    EVENT_STREAM_TYPE.test(type) ||
    LINES_TYPE.test(type) ||
    (/^audio\//i.test(type) && contentLength === undefined)
  )
}

/** A body that is not looked into. */
class OpaqueBody implements BodyReader {
  readonly invalid: boolean
  readonly tooLarge = false
  readonly isEventStream = false
  readonly writer = this

  constructor(invalid: boolean) {
    this.invalid = invalid
  }

  write(): void {}
  end(): void {}
}

/** What the first bytes of a body say, by byte. */
const UNKNOWN_FORM = 0
const BLANK = 1
const BEGINS_JSON = 2
const BEGINS_EVENTS = 3
const FORM_OF_BYTE = new Uint8Array(256)
// White space, and the bytes of a byte order mark.
for (const byte of Buffer.from(' \t\r\n\uFEFF')) FORM_OF_BYTE[byte] = BLANK
// `{`, `[`, a string, a number, `true`, `false`, `null`.
for (const byte of Buffer.from('{["-0123456789tfn')) FORM_OF_BYTE[byte] = BEGINS_JSON
// `data`, `event`, `id`, `retry`, or a comment.
for (const byte of Buffer.from('deir:')) FORM_OF_BYTE[byte] = BEGINS_EVENTS

class SniffedBody implements BodyReader {
  readonly #isEventStreamType: boolean
  readonly #lines: boolean
  readonly #answer: Answer
  #body: JsonBody | EventBody | OpaqueBody | undefined

  constructor(isEventStreamType: boolean, lines: boolean, answer: Answer) {
    this.#isEventStreamType = isEventStreamType
    this.#lines = lines
    this.#answer = answer
  }

  get invalid(): boolean {
    // Plain text that begins like an event stream ("error: …") has no data in it.
    if (this.#body instanceof EventBody && !this.#body.hasData) return !this.#isEventStreamType
    return this.#body?.invalid === true
  }

  get tooLarge(): boolean {
    return this.#body?.tooLarge === true
  }

  get writer(): BodyWriter | undefined {
    return this.#body
  }

  get isEventStream(): boolean {
    return this.#body === undefined ? this.#isEventStreamType : this.#body.isEventStream
  }

  write(bytes: Uint8Array): void {
    this.#body ??= this.#recognize(bytes)
    this.#body?.write(bytes)
  }

  end(): void {
    this.#body?.end()
  }

  #recognize(bytes: Uint8Array): JsonBody | EventBody | OpaqueBody | undefined {
    const form = readForm(bytes)
    if (form === BLANK) return undefined
    if (form === BEGINS_JSON) return new JsonBody(this.#answer, this.#lines)
    if (this.#isEventStreamType || form === BEGINS_EVENTS) return new EventBody(this.#answer)
    return new OpaqueBody(true)
  }
}

/** The form of the first byte that is not blank; `BLANK` when there is none. */
function readForm(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; at++) {
    const form = FORM_OF_BYTE[bytes[at] as number] ?? UNKNOWN_FORM
    if (form !== BLANK) return form
  }
  return BLANK
}

class JsonBody extends JsonReader {
  readonly isEventStream = false

  constructor(answer: Answer, lines: boolean) {
    const onDocument = (document: unknown, isWhole: boolean) => answer.add(document, isWhole, false)
    super(RESPONSE_SELECTION, { onDocument, lines })
  }
}

class EventBody extends SseReader {
  readonly isEventStream = true

  constructor(answer: Answer) {
    super(RESPONSE_SELECTION, {
      onDocument: (document, isWhole) => answer.add(document, isWhole, true),
      onEventName: (name) => answer.addEventName(name),
      onDone: () => answer.end.done(),
      isAnonymous: () => answer.isAnonymous,
    })
  }
}
