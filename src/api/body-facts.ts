/** Collects the facts of one body: a JSON body is one document, a stream is many (events, or lines of results). */
import type { Usage } from '../types.ts'
import { collectCost, collectRunCost, readSpent, type Cost } from './cost.ts'
import type { Route } from './families.ts'
import { type Fields, fieldsOf, isFields, NO_FIELDS, readId, readModel, readWord } from './fields.ts'
import { isErrorBody, isErrorEvent, isFailedResponse } from './failure.ts'
import { FinishReasons } from './finish-reasons.ts'
import { collectIds } from './response-keys.ts'
import { isCancelled, readJobStatus, type JobStatus } from './statuses.ts'
import { StreamEnd } from './stream-end.ts'
import { UsageFigures } from './usage.ts'

/** The result of one request of a batch. */
export interface BatchItem {
  readonly customId: string
  readonly model?: string
  readonly usage: Usage
  readonly failed: boolean
}

/** Collects the facts of one response body from its documents or events. */
export class BodyFacts {
  readonly ids: string[] = []
  readonly usage = new UsageFigures()
  readonly cost: Cost = { isUnreadable: false }
  readonly finishReasons = new FinishReasons()
  readonly end = new StreamEnd()
  model: string | undefined
  /** `meta.model`: the model that the API itself names as the answering one. */
  answeringModel: string | undefined
  provider: string | undefined
  requestedModel: string | undefined
  threadId: string | undefined
  jobStatus: JobStatus | undefined
  /** Somebody stopped the job before its end. */
  wasCancelled = false
  hasFailed = false
  /** Several JSON documents with ids of their own: their figures are those of as many generations. */
  isList = false
  #documents = 0
  readonly #route: Route
  readonly #onBatchItem: ((item: BatchItem) => void) | undefined

  constructor(route: Route, onBatchItem: ((item: BatchItem) => void) | undefined) {
    this.#route = route
    this.#onBatchItem = onBatchItem
  }

  /** Id or model is still unknown: the first events are read. */
  get isAnonymous(): boolean {
    return this.ids.length === 0 || this.model === undefined
  }

  addEventName(name: string): void {
    if (name === 'error') this.hasFailed = true
    if (name === 'done') this.end.reach()
  }

  /** The end marker `[DONE]`. */
  addDone(): void {
    this.end.reach()
  }

  /** `isWhole` is false for a document that was cut off or is invalid. `isEvent`: it is the data of an event. */
  add(document: unknown, isWhole: boolean, isEvent: boolean): void {
    if (!isFields(document)) return
    if (this.#route.endpoint === 'batch' && this.#addBatchItem(document, isWhole)) return
    // What a tool puts out is content, whatever its keys say.
    const wrapper = this.#route.endpoint === 'tools' ? NO_FIELDS : document
    const response = fieldsOf(wrapper['response'])
    const message = fieldsOf(wrapper['message'])
    // Some families and vendors wrap what they report once more.
    const inner = [wrapper['result'], wrapper['output'], wrapper['data']].filter(isFields)
    this.#addUsage(document)
    this.#addSpent(response)
    this.#addSpent(message)
    for (const part of inner) this.#addSpent(part)
    const knownIds = this.ids.length
    collectIds(document, this.ids)
    if (!isEvent && this.#documents++ > 0 && this.ids.length > knownIds) this.isList = true
    collectIds(response, this.ids)
    collectIds(message, this.ids)
    if (this.#route.phase !== 'sync') for (const part of inner) collectIds(part, this.ids)
    this.model ??= readModel(document['model']) ?? readModel(response['model']) ?? readModel(message['model'])
    const { modelKey } = this.#route
    if (modelKey !== undefined) this.requestedModel ??= readModel(document[modelKey])
    this.threadId ??= readId(document['thread_id'])
    this.finishReasons.add(document, response, message)
    this.#addJob([document, ...inner, response], isWhole, isEvent)
    if (isFailedResponse(document, response)) this.hasFailed = true
    if (isEvent ? isErrorEvent(document) : isErrorBody(document, this.#route.phase !== 'sync'))
      this.hasFailed = true
    if (isEvent) this.end.add(document, !this.finishReasons.isEmpty)
  }

  #addUsage(document: Fields): void {
    this.#addSpent(document)
    this.usage.add(document['usage_info'])
    // Moonshot: the usage is in the choice.
    if (Array.isArray(document['choices'])) this.usage.add(fieldsOf(document['choices'][0])['usage'])
    if (this.#route.endpoint === 'tools') collectRunCost(document['cost'], this.cost)
  }

  #addSpent(part: Fields): void {
    this.usage.add(part['usage'])
    this.usage.addToolCalls(part['server_side_tool_usage'])
    const meta = part['meta']
    if (!isFields(meta)) return
    collectCost(meta['usage'], this.cost)
    this.answeringModel ??= readModel(meta['model'])
    this.provider ??= readWord(meta['provider'])
  }

  #addJob(parts: readonly Fields[], isWhole: boolean, isEvent: boolean): void {
    const { endpoint, phase } = this.#route
    const isResponse = endpoint === 'responses'
    if (phase === 'sync' && !isResponse) return
    const word = parts
      .flatMap((part) => [part['processing_status'], part['status'], part['task_status']])
      .find((value) => typeof value === 'string')
    if (word !== undefined) {
      const status = readJobStatus(endpoint, word as string)
      this.wasCancelled = isCancelled(word as string)
      // A stream in the foreground is "in progress" too, and is not polled later.
      const isForeground = isResponse && isEvent && parts.at(-1)?.['background'] !== true
      if (status !== 'pending' || !isForeground) this.jobStatus = status
    } else if (isWhole && phase === 'poll' && parts.some(({ usage }) => isFields(usage))) {
      // Polls of some transcriptions and stored chats return the bare result: the job is over.
      this.jobStatus = 'succeeded'
    }
  }

  #addBatchItem(document: Fields, isWhole: boolean): boolean {
    const customId = readId(document['custom_id'])
    const { result } = document
    if (customId === undefined || !isFields(result)) return false
    const message = fieldsOf(result['message'])
    const { usage, isReadable } = readSpent([document, result, message])
    if (!isReadable) this.usage.isMalformed = true
    // An item that was cut off before its usage is counted when the results are fetched again.
    if (!isWhole && usage.inputTokens === undefined) return true
    this.jobStatus = 'succeeded'
    const model = readModel(message['model'])
    const failed = result['type'] !== 'succeeded'
    this.#onBatchItem?.({ customId, usage, failed, ...(model !== undefined && { model }) })
    return true
  }
}
