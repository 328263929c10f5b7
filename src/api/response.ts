/** A response's head and bytes → what it says it cost, in bounded memory and without ever throwing. */
import type { Usage } from '../types.ts'
import { Answer, type BatchItem } from './answer.ts'
import { createBodyReader, isStreamType, type BodyReader, type BodyWriter } from './body.ts'
import { asBuffer } from './bytes.ts'
import { addCost, COST_HEADERS, readCostHeaders, type Cost } from './cost.ts'
import { createDecoder, type Decoder } from './decode.ts'
import type { Route } from './endpoints.ts'
import { MAX_SMALL_BYTES } from './limits.ts'
import { readId } from './text.ts'

export type { BatchItem } from './answer.ts'

export interface ResponseFacts {
  /** Headers and body, combined by the counting rules. Of a batch's results: see `onBatchItem`. */
  readonly usage: Usage
  readonly responseId?: string
  readonly responseModel?: string
  /** One a choice, in the order of their indexes. */
  readonly finishReasons?: string[]
  /** The job's id, as a create or poll said it. */
  readonly generationId?: string
  readonly jobStatus?: 'pending' | 'succeeded' | 'failed'
  /**
   * Why there is no cost: the body said none, was not what it should be, had a value beyond the limits, or came
   * in a coding that cannot be undone here. Beside known credits: why there may be no tokens; never `absent`.
   */
  readonly problem?: 'absent' | 'unparsable' | 'too_large' | 'undecodable'
  /** The stream ended in an error event, or the response says that it failed. */
  readonly streamFailed?: boolean
}

export interface ResponseReader {
  /** The answer comes piece by piece by its nature: an event stream, NDJSON, audio of unknown length. */
  readonly streaming: boolean
  /** The head does not call the answer one JSON document. */
  readonly mayStream: boolean
  /** The body is compressed: `end` decodes it. */
  readonly encoded: boolean
  readonly head: {
    /** `x-inference-id`. */
    readonly inferenceId?: string
    /** `x-client-request-id`. */
    readonly clientRequestId?: string
  }
  /** Bytes of the body as received (still encoded). Borrowed: nothing of them is referenced afterwards. */
  write(bytes: Uint8Array): void
  /**
   * What was said. `whole` false: the body was broken off, and what came until then counts. A promise only while
   * a large compressed body is being decoded; it never rejects. A small one is decoded here and now.
   */
  end(whole: boolean): ResponseFacts | Promise<ResponseFacts>
}

/** All that is ever read of a response's head. */
const HEADERS = [
  ...COST_HEADERS,
  'x-inference-id',
  'x-client-request-id',
  'content-type',
  'content-length',
  'content-encoding',
] as const
type Head = Partial<Record<(typeof HEADERS)[number], string>>

/**
 * `header` reads a response header by its lower-case name, and is asked at once. `onBatchItem` is given each result
 * of a batch.
 */
export function createResponseReader(
  route: Route,
  status: number,
  header: (name: string) => string | undefined,
  onBatchItem?: (item: BatchItem) => void,
): ResponseReader {
  const head: Head = {}
  for (const name of HEADERS) {
    const value = header(name)
    if (value !== undefined) head[name] = value
  }
  return new StagedResponse(head, () => new Reader(route, status, head, onBatchItem))
}

/** Most bodies come in one chunk, and are read when the call is over. */
class StagedResponse implements ResponseReader {
  readonly mayStream: boolean
  readonly #head: Head
  readonly #createReader: () => Reader
  #ids: ResponseReader['head'] | undefined
  #stage: Buffer | undefined
  #reader: Reader | undefined
  /** What the reader does with each further chunk, without the way there. */
  #writer: BodyWriter | undefined

  constructor(head: Head, createReader: () => Reader) {
    this.#head = head
    this.#createReader = createReader
    this.mayStream = head['content-type']?.startsWith('application/json') !== true
  }

  get head(): ResponseReader['head'] {
    return (this.#ids ??= readIds(this.#head))
  }

  get streaming(): boolean {
    return this.#open().streaming
  }

  get encoded(): boolean {
    return this.#head['content-encoding'] !== undefined
  }

  write(bytes: Uint8Array): void {
    if (this.#writer !== undefined) {
      try {
        this.#writer.write(bytes)
      } catch {
        this.#writer = undefined
        this.#reader?.break()
      }
    } else if (this.#reader === undefined && this.#stage === undefined && bytes.length <= MAX_SMALL_BYTES) {
      this.#stage = Buffer.from(bytes)
    } else {
      const reader = this.#open()
      reader.write(bytes)
      this.#writer = reader.writer
    }
  }

  end(whole: boolean): ResponseFacts | Promise<ResponseFacts> {
    return this.#open().end(whole)
  }

  #open(): Reader {
    if (this.#reader === undefined) {
      this.#reader = this.#createReader()
      if (this.#stage !== undefined) this.#reader.write(this.#stage)
      this.#stage = undefined
    }
    return this.#reader
  }
}

function readIds(head: Head): ResponseReader['head'] {
  const ids: { inferenceId?: string; clientRequestId?: string } = {}
  const inferenceId = readId(head['x-inference-id'])
  if (inferenceId !== undefined) ids.inferenceId = inferenceId
  const clientRequestId = readId(head['x-client-request-id'])
  if (clientRequestId !== undefined) ids.clientRequestId = clientRequestId
  return ids
}

type Facts = { -readonly [name in keyof ResponseFacts]: ResponseFacts[name] }

class Reader {
  readonly #route: Route
  readonly #status: number
  readonly #headerCost: Cost
  readonly #answer: Answer
  readonly #body: BodyReader
  readonly #decoder: Decoder | undefined
  readonly #isStreamType: boolean
  #hasBroken = false

  constructor(
    route: Route,
    status: number,
    head: Head,
    onBatchItem: ((item: BatchItem) => void) | undefined,
  ) {
    this.#route = route
    this.#status = status
    this.#headerCost = readCostHeaders(head)
    const contentType = head['content-type']
    this.#isStreamType = isStreamType(contentType, head['content-length'])
    this.#answer = new Answer(route, onBatchItem)
    this.#body = createBodyReader({ contentType, lines: route.endpoint === 'batch', answer: this.#answer })
    this.#decoder = createDecoder(head['content-encoding'], (bytes) => this.#read(bytes))
  }

  get streaming(): boolean {
    return this.#isStreamType || this.#body.isEventStream
  }

  /** Where further chunks are to be written, as soon as their form is known. */
  get writer(): BodyWriter | undefined {
    return this.#decoder === undefined && !this.#hasBroken ? this.#body.writer : undefined
  }

  write(bytes: Uint8Array): void {
    if (this.#decoder === undefined) this.#read(bytes)
    else this.#decoder.write(asBuffer(bytes))
  }

  /** Something was wrong in here: what was read until now counts, and nothing more is. */
  break(): void {
    this.#hasBroken = true
  }

  end(whole: boolean): ResponseFacts | Promise<ResponseFacts> {
    if (this.#decoder === undefined) return this.#finish(whole, undefined)
    const failure = this.#decoder.end()
    return failure instanceof Promise
      ? failure.then((known) => this.#finish(whole, known))
      : this.#finish(whole, failure)
  }

  #read(bytes: Uint8Array): void {
    if (this.#hasBroken) return
    try {
      this.#body.write(bytes)
    } catch {
      this.#hasBroken = true
    }
  }

  #finish(whole: boolean, failure: 'too_large' | 'undecodable' | undefined): ResponseFacts {
    try {
      if (!this.#hasBroken) this.#body.end()
    } catch {
      this.#hasBroken = true
    }
    const { usage, model, jobStatus, finishReasons, hasFailed } = this.#answer
    addCost(usage, this.#headerCost, this.#answer.cost)
    const facts: Facts = { usage }
    const problem = failure ?? this.#explain(whole, usage)
    if (problem !== undefined) facts.problem = problem
    if (model !== undefined) facts.responseModel = model
    if (finishReasons !== undefined) facts.finishReasons = finishReasons
    if (jobStatus !== undefined) facts.jobStatus = jobStatus
    if (hasFailed) facts.streamFailed = true
    const responseId = this.#status < 400 ? this.#answer.id : undefined
    if (this.#route.phase !== 'sync') {
      const generationId = this.#route.generationId ?? this.#answer.generationId
      if (generationId !== undefined) facts.generationId = generationId
    } else if (responseId !== undefined) {
      facts.responseId = responseId
    }
    return facts
  }

  #explain(whole: boolean, { credits }: Usage): ResponseFacts['problem'] {
    if (this.#body.tooLarge) return 'too_large'
    // Broken off is not malformed: nothing was said until then.
    const isMalformed = this.#hasBroken || (whole && this.#body.invalid)
    if (isMalformed || this.#answer.isUnreadable) return 'unparsable'
    if (credits !== undefined) return undefined
    return this.#answer.cost.isUnreadable || this.#headerCost.isUnreadable ? 'unparsable' : 'absent'
  }
}
