/**
 * What response documents say: a JSON body is one, a stream is many (events, or lines of a batch's results).
 * Reads pruned and whole values alike; collects over all documents of one body.
 */
import type { Usage } from '../types.ts'
import { addCost, collectCost, type Cost } from './cost.ts'
import type { Route } from './endpoints.ts'
import { MAX_ARRAY_ITEMS } from './limits.ts'
import { ALL, select } from './selection.ts'
import { readJobStatus, type JobStatus } from './statuses.ts'
import { readId, readModel, readWord } from './text.ts'
import { collectFigures, summarize, type Figures, type WritableUsage } from './usage.ts'

/** One request of a batch, from the batch's results. */
export interface BatchItem {
  readonly customId: string
  readonly model?: string
  readonly usage: Usage
  readonly failed: boolean
}

const SPENT = { usage: ALL, meta: { usage: ALL } } as const
const MESSAGE = { ...SPENT, id: ALL, model: ALL, stop_reason: ALL } as const

/** Everything that is ever read of a response, of whichever family. Content is not among it. */
export const RESPONSE_SELECTION = select({
  ...MESSAGE,
  usage_info: ALL,
  generation_id: ALL,
  requestId: ALL,
  object: ALL,
  type: ALL,
  status: ALL,
  processing_status: ALL,
  incomplete_details: { reason: ALL },
  choices: [{ index: ALL, finish_reason: ALL }],
  delta: { stop_reason: ALL },
  error: {},
  /** Anthropic's `message_start`. */
  message: MESSAGE,
  /** Typed events of the Responses API. */
  response: { ...MESSAGE, status: ALL, incomplete_details: { reason: ALL } },
  /** Transcription polls; one request of a batch. */
  result: { ...SPENT, type: ALL, status: ALL, message: MESSAGE },
  output: { ...SPENT, status: ALL },
  custom_id: ALL,
})

type Fields = Readonly<Record<string, unknown>>

export class Answer {
  id: string | undefined
  model: string | undefined
  generationId: string | undefined
  jobStatus: JobStatus | undefined
  /** The stream ended in an error event, or the response says that it failed. */
  hasFailed = false
  /** Something that should be a count is none. */
  isUnreadable = false
  readonly cost: Cost = { isUnreadable: false }
  readonly #route: Route
  readonly #onBatchItem: ((item: BatchItem) => void) | undefined
  readonly #figures: Figures = {}
  readonly #finishReasons = new Map<number, string>()

  constructor(route: Route, onBatchItem: ((item: BatchItem) => void) | undefined) {
    this.#route = route
    this.#onBatchItem = onBatchItem
  }

  get usage(): WritableUsage {
    return summarize(this.#figures)
  }

  get finishReasons(): string[] | undefined {
    const { size } = this.#finishReasons
    if (size === 0) return undefined
    if (size === 1) return [...this.#finishReasons.values()]
    return [...this.#finishReasons].sort(([a], [b]) => a - b).map(([, reason]) => reason)
  }

  /** Neither id nor model has been said yet. */
  get isAnonymous(): boolean {
    return this.id === undefined || this.model === undefined
  }

  /** Adds one document. `isWhole`: it was read to its end. `isEvent`: it is the data of an SSE event. */
  add(document: unknown, isWhole: boolean, isEvent: boolean): void {
    if (!isFields(document)) return
    if (this.#route.endpoint === 'batch' && this.#addBatchItem(document, isWhole)) return
    const response = fieldsOf(document['response'])
    const message = fieldsOf(document['message'])
    this.#addUsage(document)
    for (const part of [response, message, document['result'], document['output']]) this.#addUsage(part)

    this.id ??=
      readId(document['id']) ??
      readId(response['id']) ??
      readId(message['id']) ??
      readId(document['requestId'])
    this.model ??= readModel(document['model']) ?? readModel(response['model']) ?? readModel(message['model'])
    this.#addFinishReasons(document, response, message)
    if (this.#route.phase !== 'sync') this.#addJob(document, isWhole)
    this.#addFailure(document, response, isEvent)
  }

  #addUsage(part: unknown): void {
    if (!isFields(part)) return
    const isReadable = collectFigures(part['usage'], this.#figures)
    if (!collectFigures(part['usage_info'], this.#figures) || !isReadable) this.isUnreadable = true
    collectCost(fieldsOf(part['meta'])['usage'], this.cost)
  }

  #addFinishReasons(document: Fields, response: Fields, message: Fields): void {
    if (Array.isArray(document['choices'])) {
      for (const [position, choice] of document['choices'].slice(0, MAX_ARRAY_ITEMS).entries()) {
        const { index, finish_reason: reason } = fieldsOf(choice)
        this.#setFinishReason(typeof index === 'number' ? index : position, reason)
      }
      return
    }
    const { stop_reason: deltaReason } = fieldsOf(document['delta'])
    this.#setFinishReason(0, document['stop_reason'] ?? deltaReason ?? message['stop_reason'])
    const said = document['object'] === 'response' ? document : response
    const { reason } = fieldsOf(said['incomplete_details'])
    if (said['status'] !== 'in_progress' && said['status'] !== 'queued') {
      this.#setFinishReason(0, reason ?? said['status'])
    }
  }

  #setFinishReason(index: number, reason: unknown): void {
    const word = readWord(reason)
    if (word === undefined) return
    if (this.#finishReasons.size < MAX_ARRAY_ITEMS || this.#finishReasons.has(index)) {
      this.#finishReasons.set(index, word)
    }
  }

  #addJob(document: Fields, isWhole: boolean): void {
    this.generationId ??= readId(document['generation_id']) ?? readId(document['id'])
    const parts = [document, fieldsOf(document['result']), fieldsOf(document['output'])]
    const word = [document['processing_status'], ...parts.map(({ status }) => status)].find(
      (value) => typeof value === 'string',
    )
    if (word !== undefined) {
      this.jobStatus = readJobStatus(this.#route.endpoint, word as string)
    } else if (isWhole && this.#route.phase === 'poll' && parts.some(({ usage }) => isFields(usage))) {
      // Some transcriptions answer with the bare result: it is there, so the job is done.
      this.jobStatus = 'succeeded'
    }
  }

  /** The mere presence of `error` says nothing in a job or a response; in a stream's event it does. */
  #addFailure(document: Fields, response: Fields, isEvent: boolean): void {
    const said = document['object'] === 'response' ? document : response
    if (said['status'] === 'failed' || document['type'] === 'response.failed') this.hasFailed = true
    if (isEvent && (document['type'] === 'error' || isFields(document['error']))) this.hasFailed = true
  }

  #addBatchItem(document: Fields, isWhole: boolean): boolean {
    const customId = readId(document['custom_id'])
    const result = document['result']
    if (customId === undefined || !isFields(result)) return false
    const message = fieldsOf(result['message'])
    const usage = this.#readItemUsage([document, result, message])
    // An item that was cut off before its usage says nothing: it counts when the results are fetched again.
    if (!isWhole && usage.inputTokens === undefined) return true
    this.jobStatus = 'succeeded'
    const model = readModel(message['model'])
    const failed = result['type'] !== 'succeeded'
    this.#onBatchItem?.({ customId, usage, failed, ...(model !== undefined && { model }) })
    return true
  }

  #readItemUsage(parts: readonly Fields[]): Usage {
    const figures: Figures = {}
    const cost: Cost = { isUnreadable: false }
    for (const part of parts) {
      if (!collectFigures(part['usage'], figures)) this.isUnreadable = true
      collectCost(fieldsOf(part['meta'])['usage'], cost)
    }
    const usage = summarize(figures)
    addCost(usage, NO_COST, cost)
    return usage
  }
}

const NO_COST: Cost = { isUnreadable: false }

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const NO_FIELDS: Fields = {}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : NO_FIELDS
}
