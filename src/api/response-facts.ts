/** A response's head and body → what they say it cost. */
import type { Usage } from '../types.ts'
import { Answer, type BatchItem } from './answer.ts'
import { createBodyReader, isStreamType, type BodyReader, type BodyWriter } from './body.ts'
import { asBuffer } from './bytes.ts'
import { addCost, COST_HEADERS, readCostHeaders, type Cost } from './cost.ts'
import { createDecoder, type Decoder } from './decode.ts'
import type { Route } from './endpoints.ts'

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

/** All that is ever read of a response's head. */
export const RESPONSE_HEADERS = [
  ...COST_HEADERS,
  'x-inference-id',
  'x-client-request-id',
  'content-type',
  'content-length',
  'content-encoding',
] as const
export type ResponseHead = Partial<Record<(typeof RESPONSE_HEADERS)[number], string>>

type Facts = { -readonly [name in keyof ResponseFacts]: ResponseFacts[name] }

/**
 * Reads the body behind a head. `onBatchItem` is given each result of a batch. Never throws: what goes wrong in here
 * is a problem of the facts.
 */
export class FactsReader {
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
    head: ResponseHead,
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
