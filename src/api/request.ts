/** A request body → its model and the parameters that the GenAI conventions recommend. Prompts are not read. */
import type { RequestParameters } from '../types.ts'
import type { Writable } from '../writable.ts'
import { type Fields, fieldsOf, isFields, parseJson, readId, readModel, readWord } from './fields.ts'
import { JsonForm } from './json-form.ts'
import { MAX_WORDS } from './limits.ts'
import { ModelField, readBoundary } from './multipart.ts'
import { ALL, select } from './selection.ts'
import { OPAQUE, StagedBody, type BodyForm } from './staged-body.ts'

export interface RequestFacts {
  readonly model?: string | undefined
  /** The caller asked for a stream. */
  readonly stream: boolean
  readonly parameters: RequestParameters
}

/** Keys of plain numbers, in the spellings of all families. If several are present, the first counts. */
const NUMBERS = {
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
} as const satisfies Record<string, keyof RequestParameters>
const numberKeys = Object.entries(NUMBERS).map(([key, name]) => ({ key, name }))
/** Requested formats → `gen_ai.output.type`. Image families have `url` or `b64_json` here, which is no output type. */
const OUTPUT_TYPES: ReadonlyMap<unknown, string> = new Map([
  ['text', 'text'],
  ['json_object', 'json'],
  ['json_schema', 'json'],
])

const REQUEST_SELECTION = select({
  ...Object.fromEntries(Object.keys(NUMBERS).map((key) => [key, ALL] as const)),
  model: ALL,
  /** Toolbox runs. */
  tool: ALL,
  previous_response_id: ALL,
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

/** The facts of a request without a body. */
export const NO_REQUEST: RequestFacts = { stream: false, parameters: {} }

/** Reads JSON, and the field `model` of forms. Compressed bodies are not read: no client is known to send one. */
export class RequestReader extends StagedBody {
  readonly #header: (name: string) => string | undefined
  #document: unknown
  #facts: RequestFacts | undefined
  /** Number of bytes that `#facts` were read from, while all of them are staged. */
  #factsBytes = -1

  /** @param header returns a request header by its lower-case name; it is called as late as possible. */
  constructor(header: (name: string) => string | undefined) {
    super()
    this.#header = header
  }

  /** The facts of the bytes so far. May be called at any time and repeatedly. */
  facts(): RequestFacts {
    const { form } = this
    if (form instanceof ModelField) {
      this.readStage()
      return { ...NO_REQUEST, model: readModel(form.value) }
    }
    return form instanceof JsonForm ? this.#jsonFacts(form) : NO_REQUEST
  }

  protected chooseForm(): BodyForm {
    const coding = this.#header('content-encoding')
    if (coding !== undefined && !/^\s*(?:identity)?\s*$/i.test(coding)) return OPAQUE
    const boundary = readBoundary(this.#header('content-type'))
    if (boundary !== undefined) return new ModelField(boundary)
    return new JsonForm(REQUEST_SELECTION, (document) => {
      this.#document = document
      this.#facts = undefined
    })
  }

  #jsonFacts(form: JsonForm): RequestFacts {
    const staged = this.peekStage()
    const hasRead = form.selector !== undefined
    const isKnown = hasRead ? this.#document !== undefined : staged.length === this.#factsBytes
    if (isKnown && this.#facts !== undefined) return this.#facts
    const whole = hasRead ? undefined : parseJson(staged.toString())
    if (whole === undefined) this.readStage()
    this.#factsBytes = staged.length
    return (this.#facts = readFacts(whole ?? this.#document ?? form.selector?.partial))
  }
}

function readFacts(fields: unknown): RequestFacts {
  if (!isFields(fields)) return NO_REQUEST
  const model = readModel(fields['model'] ?? readBatchModel(fields['requests']) ?? fields['tool'])
  return { model, stream: fields['stream'] === true, parameters: readParameters(fields) }
}

function readParameters(fields: Fields): RequestParameters {
  const parameters: Writable<RequestParameters> = {}
  for (const { key, name } of numberKeys) {
    const value = fields[key]
    if (typeof value === 'number' && Number.isFinite(value)) parameters[name] ??= value
  }
  const stopSequences = readWords(fields['stop'] ?? fields['stop_sequences'])
  if (stopSequences !== undefined) parameters.stopSequences = stopSequences
  const reasoningLevel = readWord(fields['reasoning_effort'] ?? fieldsOf(fields['reasoning'])['effort'])
  if (reasoningLevel !== undefined) parameters.reasoningLevel = reasoningLevel
  const previousResponseId = readId(fields['previous_response_id'])
  if (previousResponseId !== undefined) parameters.previousResponseId = previousResponseId
  const encodingFormats = readWords(fields['encoding_format'])
  if (encodingFormats !== undefined) parameters.encodingFormats = encodingFormats
  const format =
    fieldsOf(fields['response_format'])['type'] ?? fieldsOf(fieldsOf(fields['text'])['format'])['type']
  const outputType = OUTPUT_TYPES.get(format)
  if (outputType !== undefined) parameters.outputType = outputType
  return parameters
}

/** The model of a batch, if all items name the same one: the cost of a batch is one sum. */
function readBatchModel(requests: unknown): unknown {
  if (!Array.isArray(requests)) return undefined
  const models = new Set(requests.map((request) => fieldsOf(fieldsOf(request)['params'])['model']))
  return models.size === 1 ? [...models][0] : undefined
}

/** A text or a list of texts. Not trimmed: stop sequences are often white space. */
function readWords(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined
  const values: unknown[] = Array.isArray(value) ? value : [value]
  const words = values.filter((word): word is string => typeof word === 'string' && word !== '')
  return words.length === 0 ? undefined : words.slice(0, MAX_WORDS).map((word) => word.slice(0, 64))
}
