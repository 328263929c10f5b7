/** A request body → the model and the parameters that the GenAI conventions recommend. Prompts pass unread. */
import type { RequestParameters } from '../types.ts'
import { asBuffer } from './bytes.ts'
import { JsonReader } from './json-reader.ts'
import { MAX_SMALL_BYTES, MAX_WORDS } from './limits.ts'
import { MultipartField, readBoundary } from './multipart.ts'
import { ALL, select } from './selection.ts'
import { readModel, readWord } from './text.ts'

export interface RequestFacts {
  readonly model?: string
  /** The caller asked for a stream. */
  readonly stream: boolean
  readonly parameters: RequestParameters
}

export interface RequestReader {
  /** Bytes of the body as sent. Borrowed: nothing of them is referenced afterwards. */
  write(bytes: Uint8Array): void
  /** What the bytes so far have said. May be asked at any time, again and again. */
  facts(): RequestFacts
}

type Fields = Readonly<Record<string, unknown>>
type Parameters = { -readonly [name in keyof RequestParameters]: RequestParameters[name] }
type NumberParameter = {
  [name in keyof RequestParameters]-?: number extends RequestParameters[name] ? name : never
}[keyof RequestParameters]

/** Keys of requests, in the spellings of the families, that are plain numbers. Of several the first counts. */
const NUMBERS: Readonly<Record<string, NumberParameter>> = {
  max_completion_tokens: 'maxTokens',
  max_output_tokens: 'maxTokens',
  max_tokens: 'maxTokens',
  temperature: 'temperature',
  top_p: 'topP',
  top_k: 'topK',
  frequency_penalty: 'frequencyPenalty',
  presence_penalty: 'presencePenalty',
  seed: 'seed',
  n: 'choiceCount',
  num_images: 'choiceCount',
  dimensions: 'dimensionCount',
  output_dimension: 'dimensionCount',
}
const numberKeys = Object.entries(NUMBERS)
/** Requested formats → `gen_ai.output.type`. Image families say `url` or `b64_json` here, which is another matter. */
const OUTPUT_TYPES: ReadonlyMap<unknown, string> = new Map([
  ['text', 'text'],
  ['json_object', 'json'],
  ['json_schema', 'json'],
])

const REQUEST_SELECTION = select({
  ...Object.fromEntries(Object.keys(NUMBERS).map((key) => [key, ALL] as const)),
  model: ALL,
  stream: ALL,
  stop: ALL,
  stop_sequences: ALL,
  reasoning_effort: ALL,
  reasoning: { effort: ALL },
  encoding_format: ALL,
  response_format: { type: ALL },
  text: { format: { type: ALL } },
  requests: [{ params: { model: ALL } }],
})

const NO_PARAMETERS: RequestParameters = {}
const NOTHING: RequestFacts = { stream: false, parameters: NO_PARAMETERS }

/**
 * Reads JSON bodies, whatever they call themselves, and the field `model` of multipart forms. A compressed body
 * says nothing here: no client of the API is known to send one. `header` reads a request header by its lower-case
 * name; it is asked when the body is long, or the first time that somebody wants the facts.
 */
export function createRequestReader(header: (name: string) => string | undefined): RequestReader {
  return new StagedRequest(header)
}

/** Most bodies come in one chunk, and nobody wants to know before the call is over. */
class StagedRequest implements RequestReader {
  readonly #header: (name: string) => string | undefined
  #stage: Buffer | undefined
  #reader: RequestReader | undefined

  constructor(header: (name: string) => string | undefined) {
    this.#header = header
  }

  write(bytes: Uint8Array): void {
    const isStaged = this.#reader === undefined && this.#stage === undefined
    if (isStaged && bytes.length <= MAX_SMALL_BYTES) this.#stage = Buffer.from(bytes)
    else this.#open().write(bytes)
  }

  facts(): RequestFacts {
    return this.#open().facts()
  }

  #open(): RequestReader {
    if (this.#reader === undefined) {
      this.#reader = chooseReader(this.#header('content-type'), this.#header('content-encoding'))
      if (this.#stage !== undefined) this.#reader.write(this.#stage)
      this.#stage = undefined
    }
    return this.#reader
  }
}

function chooseReader(contentType: string | undefined, contentEncoding: string | undefined): RequestReader {
  if (contentEncoding !== undefined && !/^\s*(?:identity)?\s*$/i.test(contentEncoding)) return SILENT_READER
  const boundary = readBoundary(contentType)
  return boundary === undefined ? new JsonRequest() : new FormRequest(boundary)
}

const SILENT_READER: RequestReader = { write() {}, facts: () => NOTHING }

class FormRequest implements RequestReader {
  readonly #field: MultipartField

  constructor(boundary: string) {
    this.#field = new MultipartField('model', boundary)
  }

  write(bytes: Uint8Array): void {
    this.#field.write(asBuffer(bytes))
  }

  facts(): RequestFacts {
    const model = readModel(this.#field.value)
    return model === undefined ? NOTHING : { ...NOTHING, model }
  }
}

class JsonRequest implements RequestReader {
  readonly #reader = new JsonReader(REQUEST_SELECTION, {
    onDocument: (document) => {
      this.#document = document
    },
  })
  #document: unknown
  /** Facts of the bytes so far; gone with the next ones. */
  #facts: RequestFacts | undefined

  write(bytes: Uint8Array): void {
    this.#facts = undefined
    this.#reader.write(bytes)
  }

  facts(): RequestFacts {
    this.#facts ??= readFacts(this.#document ?? this.#reader.peek())
    return this.#facts
  }
}

function readFacts(document: unknown): RequestFacts {
  if (typeof document !== 'object' || document === null) return NOTHING
  const fields = document as Fields
  const model = readModel(fields['model'] ?? readBatchModel(fields['requests']))
  return {
    stream: fields['stream'] === true,
    parameters: readParameters(fields),
    ...(model !== undefined && { model }),
  }
}

function readParameters(fields: Fields): RequestParameters {
  const parameters: Parameters = {}
  for (const [key, name] of numberKeys) {
    const value = fields[key]
    if (typeof value === 'number' && Number.isFinite(value)) parameters[name] ??= value
  }
  const stopSequences = readWords(fields['stop'] ?? fields['stop_sequences'])
  if (stopSequences !== undefined) parameters.stopSequences = stopSequences
  const reasoningLevel = readWord(fields['reasoning_effort'] ?? fieldsOf(fields['reasoning'])['effort'])
  if (reasoningLevel !== undefined) parameters.reasoningLevel = reasoningLevel
  const encodingFormats = readWords(fields['encoding_format'])
  if (encodingFormats !== undefined) parameters.encodingFormats = encodingFormats
  const format =
    fieldsOf(fields['response_format'])['type'] ?? fieldsOf(fieldsOf(fields['text'])['format'])['type']
  const outputType = OUTPUT_TYPES.get(format)
  if (outputType !== undefined) parameters.outputType = outputType
  return parameters
}

/** A batch names its models item by item; its cost comes as one sum, which is one model's only if they agree. */
function readBatchModel(requests: unknown): unknown {
  if (!Array.isArray(requests)) return undefined
  const models = new Set(requests.map((request) => fieldsOf(fieldsOf(request)['params'])['model']))
  return models.size === 1 ? [...models][0] : undefined
}

/** One word or several. Stop sequences are often white space, so nothing is trimmed. */
function readWords(value: unknown): readonly string[] | undefined {
  const values: unknown[] = Array.isArray(value) ? value : [value]
  const words = values.filter((word): word is string => typeof word === 'string' && word !== '')
  return words.length === 0 ? undefined : words.slice(0, MAX_WORDS).map((word) => word.slice(0, 64))
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}
