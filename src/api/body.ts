/**
 * The decoded bytes of a response → its documents, in any of the forms of a body. The form is recognised by the first
 * byte that is not white space, because content types can be wrong: an event stream may be labelled JSON, and JSON plain
 * text. Only a binary content type is trusted: such a body is never read.
 */
import { isFields } from './fields.ts'
import type { BodySink } from './event-reader.ts'
import { EventForm } from './events.ts'
import { JsonForm } from './json-form.ts'
import { RESPONSE_SELECTION } from './response-keys.ts'
import { OPAQUE, StagedBody, type BodyForm } from './staged-body.ts'

const BINARY_TYPE = /^(?:audio|video|image|font|model)\/|^application\/(?:octet-stream|zip|pdf|x-tar|gzip)\b/i
const EVENT_STREAM_TYPE = /^text\/event-stream\b/i
/** Transcriptions as plain text or subtitles. */
const TEXT_TYPE = /^text\/(?:plain|vtt|srt)\b|^application\/x-subrip\b/i
const LINES_TYPE = /^application\/(?:x-ndjson|ndjson|jsonl|x-jsonlines|json-seq|stream\+json)\b/i

/** Whether a response is a stream, as far as its head shows: events, NDJSON, or audio of unknown length. */
export function isStreamType(contentType: string | undefined, contentLength: string | undefined): boolean {
  const type = contentType?.trim() ?? ''
  return (
    EVENT_STREAM_TYPE.test(type) ||
    LINES_TYPE.test(type) ||
    (/^audio\//i.test(type) && contentLength === undefined)
  )
}

/** Forms of a body, by its first byte. */
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

/** Whether the bytes begin as a JSON body does. False for white space, which may precede anything. */
export function beginsAsJson(bytes: Uint8Array): boolean {
  return FORM_OF_BYTE[bytes[0] ?? 0] === BEGINS_JSON
}

/** Text in none of the known forms. */
const UNKNOWN: BodyForm = { ...OPAQUE, invalid: true }

export class Body extends StagedBody {
  readonly #sink: BodySink
  readonly #contentType: string
  readonly #lines: boolean
  #hasDocument = false

  /** `lines`: there may be several documents, one per line: the results of a batch. */
  constructor(sink: BodySink, contentType: string | undefined, lines: boolean) {
    super()
    this.#sink = sink
    this.#contentType = contentType?.trim() ?? ''
    this.#lines = lines
  }

  /** The form is not known, or something in it was malformed or incomplete. */
  get invalid(): boolean {
    const { form } = this
    if (!this.#hasDocument && TEXT_TYPE.test(this.#contentType)) return false
    // Plain text that begins like an event stream ("error: …") has no data in it.
    if (form instanceof EventForm && !form.hasData) return !EVENT_STREAM_TYPE.test(this.#contentType)
    return form?.invalid === true
  }

  get tooLarge(): boolean {
    return this.form?.tooLarge === true
  }

  get isEventStream(): boolean {
    const { form } = this
    if (!(form instanceof EventForm)) return form === undefined && EVENT_STREAM_TYPE.test(this.#contentType)
    // Plain text that begins with the first letter of a field.
    return form.hasData || !TEXT_TYPE.test(this.#contentType)
  }

  protected chooseForm(bytes: Buffer, size: number): BodyForm | undefined {
    const type = this.#contentType
    if (BINARY_TYPE.test(type)) return OPAQUE
    const form = readForm(bytes, size)
    if (form === BLANK) return undefined
    if (form === BEGINS_JSON) {
      const lines = this.#lines || LINES_TYPE.test(type)
      return new JsonForm(RESPONSE_SELECTION, this.#addDocument, lines)
    }
    const isEvents = form === BEGINS_EVENTS || EVENT_STREAM_TYPE.test(type)
    return isEvents ? new EventForm(RESPONSE_SELECTION, this.#sink) : UNKNOWN
  }

  readonly #addDocument = (document: unknown, isWhole: boolean): void => {
    this.#hasDocument ||= isFields(document)
    this.#sink.add(document, isWhole, false)
  }
}

/** The form of the first byte that is not blank; `BLANK` when there is none. */
function readForm(bytes: Buffer, size: number): number {
  for (let at = 0; at < size; at++) {
    const form = FORM_OF_BYTE[bytes[at] as number] ?? UNKNOWN_FORM
    if (form !== BLANK) return form
  }
  return BLANK
}
