/**
 * One call's life: the events of an Exchange become exactly one CallRecord. While the application waits for its
 * answer, a call only keeps what would be gone later; everything else is done when it is entered.
 */
import type { Route } from '../api/endpoints.ts'
import type { RequestFacts } from '../api/request.ts'
import {
  createResponseReader,
  type BatchItem,
  type ResponseFacts,
  type ResponseReader,
} from '../api/response.ts'
import type { Exchange, HeaderLookup, RequestHead } from '../traffic/exchange.ts'
import type { ActiveCall, CallStart } from '../ports.ts'
import { Attribution, type AttributionRoom } from './attribution.ts'
import { ChunkTimes } from './chunk-times.ts'
import { monotonicMs, turnMonotonicMs } from './clock.ts'
import type { Closing } from './closing.ts'
import type { EndedCall } from './entries.ts'
import type { Generation } from './generation.ts'
import type { OpenCall } from './open-calls.ts'

/** What one call needs from the room around it. */
export interface CallRoom extends AttributionRoom {
  readonly closing: Closing
  rememberGeneration(id: string, generation: Generation): void
  /** The log's row of this inference is this call's own. */
  takeInference(inferenceId: string): void
  opened(call: OpenCall): void
  /** Nothing more will be heard of the call: have it entered. */
  ended(call: OpenCall & EndedCall): void
  /** Keeps a promise that never rejects until the call is counted. */
  finishing(work: Promise<void>): void
}

/** An id the application made itself, as the API accepts it (docs: request tracing); anything else is dropped there too. */
const CLIENT_REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/

export class Call implements Exchange, OpenCall, EndedCall {
  readonly #room: CallRoom
  readonly #attribution: Attribution
  readonly #startMs = monotonicMs()
  #responseReader: ResponseReader | undefined
  #chunkTimes: ChunkTimes | undefined
  #status: number | undefined
  #wasSent = false
  #lastEventMs = this.#startMs
  #durationMs = 0
  #errorType: string | undefined
  #hasEnded = false

  constructor(room: CallRoom, route: Route, head: RequestHead) {
    this.#room = room
    this.#attribution = new Attribution(room, route, head)
    // A job is known from its first moment on: its polls may come before its own answer was read.
    if (!this.isDeferrable) void this.generation
    room.opened(this)
  }

  get isDeferrable(): boolean {
    return this.route.phase === 'sync'
  }

  get hasEncodedResponse(): boolean {
    return this.#responseReader?.encoded === true
  }

  get lastEventMs(): number {
    return this.#chunkTimes?.lastMs ?? this.#lastEventMs
  }

  get hasResponse(): boolean {
    return this.#status !== undefined
  }

  get route(): Route {
    return this.#attribution.route
  }

  get status(): number | undefined {
    return this.#status
  }

  get request(): RequestFacts {
    return this.#attribution.request
  }

  get active(): ActiveCall {
    return this.#attribution.active
  }

  get generation(): Generation {
    return this.#attribution.generation
  }

  get start(): CallStart {
    return this.#attribution.start
  }

  get startTimeMs(): number {
    return this.#attribution.startTimeMs
  }

  get durationMs(): number {
    return this.#durationMs
  }

  /** Why the response is not whole. */
  get transportError(): string | undefined {
    return this.#errorType
  }

  /** Bytes have left: the API may charge even when no answer comes back. */
  get wasSent(): boolean {
    return this.#wasSent
  }

  get isStreaming(): boolean {
    return this.#responseReader?.streaming === true || this.request.stream
  }

  get retryCount(): number | undefined {
    return parseCount(this.#attribution.head.header('x-stainless-retry-count'))
  }

  get inferenceId(): string | undefined {
    return this.#responseReader?.head.inferenceId
  }

  get clientRequestId(): string | undefined {
    return this.#responseReader?.head.clientRequestId ?? this.#ownClientRequestId
  }

  get timeToFirstChunkMs(): number | undefined {
    if (this.#chunkTimes === undefined || !this.isStreaming) return undefined
    return Math.max(0, this.#chunkTimes.firstMs - this.#startMs)
  }

  within(publish: () => void): void {
    this.active.within(publish)
  }

  sent(): void {
    this.#wasSent = true
  }

  requestChunk(bytes: Uint8Array): void {
    this.#wasSent = true
    this.#attribution.requestChunk(bytes)
  }

  responseHead(status: number, header: HeaderLookup): void {
    this.#lastEventMs = monotonicMs()
    this.#status = status
    const { endpoint, phase } = this.route
    const onBatchItem =
      endpoint === 'batch' && phase === 'poll'
        ? (item: BatchItem) => this.#room.closing.countBatchItem(this.generation, item)
        : undefined
    this.#responseReader = createResponseReader(this.route, status, header, onBatchItem)
    if (!this.isDeferrable) this.#attribution.readRequest()
    const { inferenceId } = this
    if (inferenceId === undefined) return
    if (this.#ownClientRequestId !== undefined) this.#room.takeInference(inferenceId)
    // The create call's body may still be decoding when the application already polls for the job.
    if (phase === 'create' && isSuccess(status)) this.#room.rememberGeneration(inferenceId, this.generation)
  }

  responseChunk(bytes: Uint8Array): void {
    const reader = this.#responseReader
    if (reader === undefined) return
    this.#chunkTimes ??= new ChunkTimes()
    this.#chunkTimes.add(reader.mayStream ? turnMonotonicMs() : monotonicMs())
    reader.write(bytes)
    if (this.#chunkTimes.isFull) this.#handOnChunkTimes()
  }

  abandon(): void {
    this.end('abandoned')
  }

  end(errorType?: string): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#durationMs = monotonicMs() - this.#startMs
    this.#errorType = errorType
    this.#room.ended(this)
  }

  enter(): void {
    this.#attribution.readRequest()
    this.#handOnChunkTimes()
    const facts = this.#responseReader?.end(this.#errorType === undefined)
    if (facts instanceof Promise) this.#room.finishing(facts.then((decoded) => this.#close(decoded)))
    else this.#close(facts)
  }

  #close(facts: ResponseFacts | undefined): void {
    this.#attribution.joinEarlierGeneration()
    this.#room.closing.close(this, facts)
  }

  #handOnChunkTimes(): void {
    const intervalsMs = this.#chunkTimes?.take() ?? []
    if (intervalsMs.length > 0 && this.isStreaming)
      this.#room.sink.chunkIntervals(this.#attribution.stream, intervalsMs)
  }

  get #ownClientRequestId(): string | undefined {
    const id = this.#attribution.head.header('x-client-request-id')
    return id !== undefined && CLIENT_REQUEST_ID.test(id) ? id : undefined
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

function parseCount(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,4}$/.test(value) ? Number(value) : undefined
}
