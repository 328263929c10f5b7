/** Reads one response, head and bytes, in bounded memory and without ever throwing. response-facts.ts says what it reports. */
import { BodyFacts, type BatchItem } from './body-facts.ts'
import { COST_HEADERS } from './cost.ts'
import { createDecoder, type DecodeFailure, type Decoder } from './decode.ts'
import { EventForm } from './events.ts'
import type { Route } from './families.ts'
import { isFields, readId } from './fields.ts'
import { JsonForm } from './json-form.ts'
import { RESPONSE_SELECTION } from './response-keys.ts'
import { OPAQUE, StagedBody, type BodyForm } from './staged-body.ts'

/** The headers that are read of a response, beside its ids. */
const RESPONSE_HEADERS = [
  ...COST_HEADERS,
  'x-aimlapi-model',
  'x-aimlapi-provider',
  'content-type',
  'content-length',
  'content-encoding',
] as const

const BINARY_TYPE = /^(?:audio|video|image|font|model)\/|^application\/(?:octet-stream|zip|pdf|x-tar|gzip)\b/i
const EVENT_STREAM_TYPE = /^text\/event-stream\b/i
/** Transcriptions as plain text or subtitles. */
const TEXT_TYPE = /^text\/(?:plain|vtt|srt)\b|^application\/x-subrip\b/i
const LINES_TYPE = /^application\/(?:x-ndjson|ndjson|jsonl|x-jsonlines|json-seq|stream\+json)\b/i

/** White space, and the bytes of a byte order mark. */
const BLANK = ' \t\r\n\u00ef\u00bb\u00bf'
/** First characters of JSON: `{`, `[`, a string, a number, `true`, `false`, `null`. */
const BEGINS_JSON = '{["-0123456789tfn'
/** First characters of events: `data`, `event`, `id`, `retry`, a comment. */
const BEGINS_EVENTS = 'deir:'

/** Text in none of the known forms. */
const UNKNOWN: BodyForm = { ...OPAQUE, selector: { invalid: true, tooLarge: false } }

/**
 * Reads one response. The first byte that is not white space shows the form of the body, because content types can be
 * wrong: an event stream may be labelled JSON. Only a binary content type is trusted: such a body is never read.
 */
export class ResponseReader extends StagedBody {
  /** Takes the bytes of the body as received (still encoded). */
  readonly input: Pick<StagedBody, 'write'>
  /** The body is compressed: `end` decodes it. */
  readonly encoded: boolean
  readonly route: Route
  readonly status: number
  readonly head: Partial<Record<(typeof RESPONSE_HEADERS)[number], string>> = {}
  readonly ids: ReturnType<typeof readResponseIds>
  readonly bodyFacts: BodyFacts
  /** False: the body was broken off; what came until then counts. */
  isWhole = true
  decodeFailure: DecodeFailure | undefined
  readonly #contentType: string
  readonly #decoder: Decoder | undefined
  #hasDocument = false

  /** @param header returns a response header by its lower-case name; it is only called before this returns. */
  constructor(
    route: Route,
    status: number,
    header: (name: string) => string | undefined,
    onBatchItem?: (item: BatchItem) => void,
  ) {
    super()
    this.route = route
    this.status = status
    for (const name of RESPONSE_HEADERS) {
      const value = header(name)
      if (value !== undefined) this.head[name] = value
    }
    this.ids = readResponseIds(header)
    this.bodyFacts = new BodyFacts(route, onBatchItem)
    this.#contentType = this.head['content-type']?.trim() ?? ''
    const coding = this.head['content-encoding']
    if (coding !== undefined) this.#decoder = createDecoder(coding, (bytes) => this.write(bytes))
    this.encoded = this.#decoder !== undefined
    this.input = this.#decoder ?? this
  }

  /** The form is not known, or something was malformed or incomplete. */
  get invalid(): boolean {
    const { form } = this
    if (!this.#hasDocument && TEXT_TYPE.test(this.#contentType)) return false
    // Plain text that begins like an event stream ("error: …") has no data in it.
    if (form instanceof EventForm && !form.hasData) return !EVENT_STREAM_TYPE.test(this.#contentType)
    return form?.selector?.invalid === true
  }

  get isEventStream(): boolean {
    const { form } = this
    if (!(form instanceof EventForm)) return form === undefined && EVENT_STREAM_TYPE.test(this.#contentType)
    // Plain text that begins with the first letter of a field.
    return form.hasData || !TEXT_TYPE.test(this.#contentType)
  }

  /** Whether the response may be a stream, by its label, or by the first bytes: a stream may be labelled JSON. */
  mayStream(firstChunk: Uint8Array): boolean {
    if (this.head['content-type']?.startsWith('application/json') !== true) return true
    return !BEGINS_JSON.includes(String.fromCharCode(firstChunk[0] ?? 0))
  }

  /** The response is a stream: events, NDJSON, or audio of unknown length. */
  get streaming(): boolean {
    const type = this.#contentType
    if (EVENT_STREAM_TYPE.test(type) || LINES_TYPE.test(type) || this.isEventStream) return true
    return /^audio\//i.test(type) && this.head['content-length'] === undefined
  }

  /** Reads the rest. A promise, which never rejects, only while a large compressed body is being decoded. */
  end(isWhole: boolean): Promise<void> | undefined {
    this.isWhole = isWhole
    const failure = this.#decoder?.end()
    if (failure instanceof Promise) return failure.then((known) => this.#end(known))
    this.#end(failure)
    return undefined
  }

  #end(decodeFailure: DecodeFailure | undefined): void {
    this.decodeFailure = decodeFailure
    this.endStage()
  }

  protected chooseForm(bytes: Buffer, size: number): BodyForm | undefined {
    const type = this.#contentType
    if (BINARY_TYPE.test(type)) return OPAQUE
    const first = firstCharacter(bytes, size)
    if (first === '') return undefined
    if (BEGINS_JSON.includes(first)) {
      // The results of a batch are documents, one per line; and so are events without the fields of their label.
      const lines = this.route.endpoint === 'batch' || LINES_TYPE.test(type) || EVENT_STREAM_TYPE.test(type)
      return new JsonForm(RESPONSE_SELECTION, this.#addDocument, lines)
    }
    const isEvents = BEGINS_EVENTS.includes(first) || EVENT_STREAM_TYPE.test(type)
    return isEvents ? new EventForm(RESPONSE_SELECTION, this.bodyFacts) : UNKNOWN
  }

  readonly #addDocument = (document: unknown, isWhole: boolean): void => {
    this.#hasDocument ||= isFields(document)
    this.bodyFacts.add(document, isWhole, false)
  }
}

/** The ids in the head of a response or of a WebSocket handshake. */
export function readResponseIds(header: (name: string) => string | undefined) {
  return {
    inferenceId: readId(header('x-inference-id')),
    clientRequestId: readId(header('x-client-request-id')),
  }
}

/** The first character that is not blank; empty when there is none. */
function firstCharacter(bytes: Buffer, size: number): string {
  for (let at = 0; at < size; at++) {
    const character = String.fromCharCode(bytes[at] as number)
    if (!BLANK.includes(character)) return character
  }
  return ''
}
