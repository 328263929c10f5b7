/** A response's head and body → what they say it cost. */
import type { Usage } from '../types.ts'
import { Answer } from './answer.ts'
import type { BatchItem } from './batch-item.ts'
import { createBodyReader, isStreamType, type BodyReader, type BodyWriter } from './body.ts'
import { asBuffer } from './bytes.ts'
import { addCost, COST_HEADERS, readCostHeaders, type Cost } from './cost.ts'
import { createDecoder, type Decoder } from './decode.ts'
import type { Route } from './endpoints.ts'
import type { JobStatus } from './statuses.ts'
import { readModel, readWord } from './text.ts'
import type { WritableUsage } from './usage.ts'

export interface ResponseFacts {
  /** Headers and body, combined by the counting rules. Of a batch's results: see `onBatchItem`. */
  readonly usage: Usage
  /** Every id that the body names its generation by, in the order in which they come up; at most 8. */
  readonly ids: readonly string[]
  /** The id in the body, as spans show it; of what answers at once. */
  readonly responseId?: string
  /** `meta.model`, else the header `x-aimlapi-model`, else the body's own `model`. */
  readonly responseModel?: string
  /** The answering model, where the API itself names one: by `meta.model` or the header. */
  readonly routedModel?: string
  /** Whose model it is: `meta.provider`, else the header `x-aimlapi-provider`. */
  readonly provider?: string
  /** What was asked for, as the answer repeats it: the tool of a run, the model of an assistant's run. */
  readonly requestedModel?: string
  /** One a choice, in the order of their indexes. */
  readonly finishReasons?: string[]
  /** The thread of an assistant's run. */
  readonly threadId?: string
  /** The job's id, as a create or poll said it. */
  readonly generationId?: string
  /** Of a call that answers at once only `pending`: it goes on in the background, and is polled like a job. */
  readonly jobStatus?: JobStatus
  /** The answer is an error inside of a 200, an event of the stream is one, or the response says that it failed. */
  readonly failed: boolean
  /**
   * `provisional`: more was to come. The stream did not come to its end (broken off, failed, or without the event
   * that ends its dialect), or its cost is what the header promised before it began.
   */
  readonly figures: 'final' | 'provisional'
  /**
   * Why there is no cost: the body said none, was not what it should be, had a value beyond the limits, or came
   * in a coding that cannot be undone here. Beside known credits: why tokens may be missing; never `absent`.
   */
  readonly problem?: 'absent' | 'unparsable' | 'too_large' | 'undecodable'
}

/** All that is ever read of a response's head. */
export const RESPONSE_HEADERS = [
  ...COST_HEADERS,
  'x-aimlapi-model',
  'x-aimlapi-provider',
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
  readonly #head: ResponseHead
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
    this.#head = head
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
    return this.#state(whole, failure)
  }

  #state(whole: boolean, failure: ResponseFacts['problem']): ResponseFacts {
    const answer = this.#answer
    const isStream = this.#body.isEventStream
    const isWhole = whole && failure === undefined && !this.#hasBroken
    const usage = answer.usage.summarize()
    // What a stream says in the end is newer than its head.
    if (isStream) addCost(usage, answer.cost, this.#headerCost)
    else addCost(usage, this.#headerCost, answer.cost)
    if (answer.jobStatus === 'pending') dropZeroCost(usage, this.#route)
    const isCutOff = isStream && (!isWhole || !answer.end.isReached)
    const isPromised = isStream && usage.credits !== undefined && !isSaid(answer.cost)
    const facts: Facts = {
      usage,
      ids: this.#status < 400 ? answer.ids : [],
      failed: answer.hasFailed,
      figures: answer.hasFailed || isCutOff || isPromised ? 'provisional' : 'final',
    }
    const problem = failure ?? this.#explain(whole, usage)
    if (problem !== undefined) facts.problem = problem
    this.#nameModels(facts)
    this.#nameIds(facts)
    const { jobStatus, requestedModel, threadId } = answer
    if (jobStatus !== undefined && (this.#route.phase !== 'sync' || jobStatus === 'pending'))
      facts.jobStatus = jobStatus
    if (requestedModel !== undefined) facts.requestedModel = requestedModel
    if (threadId !== undefined && this.#route.endpoint === 'assistants') facts.threadId = threadId
    const finishReasons = answer.finishReasons.list
    if (finishReasons !== undefined) facts.finishReasons = finishReasons
    return facts
  }

  #nameModels(facts: Facts): void {
    const routedModel = this.#answer.answeringModel ?? readModel(this.#head['x-aimlapi-model'])
    const responseModel = routedModel ?? this.#answer.model
    const provider = this.#answer.provider ?? readWord(this.#head['x-aimlapi-provider'])
    if (responseModel !== undefined) facts.responseModel = responseModel
    if (routedModel !== undefined) facts.routedModel = routedModel
    if (provider !== undefined) facts.provider = provider
  }

  #nameIds(facts: Facts): void {
    const [id] = facts.ids
    if (this.#route.phase !== 'sync') {
      const generationId = this.#route.generationId ?? this.#answer.generationId
      if (generationId !== undefined) facts.generationId = generationId
    } else if (id !== undefined) {
      facts.responseId = id
    }
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

function isSaid({ credits, usd }: Cost): boolean {
  return credits !== undefined || usd !== undefined
}

/** A 0 of a job that is not over says nothing yet; a tool's cost is an estimate until the run is over. */
function dropZeroCost(usage: WritableUsage, route: Route): void {
  if (usage.credits !== 0 && route.endpoint !== 'tools') return
  delete usage.credits
  delete usage.usd
}
