/**
 * One call's life: the events of an Exchange become exactly one CallRecord. While the application waits for its
 * answer, a call only keeps what would be gone later; everything else is done when it is entered.
 */
import { refineRoute, type Route } from '../api/endpoints.ts'
import { createRequestReader, type RequestFacts, type RequestReader } from '../api/request.ts'
import {
  createResponseReader,
  type BatchItem,
  type ResponseFacts,
  type ResponseReader,
} from '../api/response.ts'
import type { Exchange, HeaderLookup, RequestHead } from '../traffic/exchange.ts'
import type { ActiveCall, CallIdentity, CallSink, CallStart } from '../types.ts'
import type { FindAccount } from './accounts.ts'
import { ChunkTimes } from './chunk-times.ts'
import { monotonicMs, turnMonotonicMs } from './clock.ts'
import type { Closing } from './closing.ts'
import type { EndedCall } from './entries.ts'
import { createGeneration, type Generation } from './generation.ts'
import type { OpenCall } from './open-calls.ts'
import { readServer } from './server.ts'
import { currentSpendTags } from './tags.ts'

/** What one call needs from the room around it. */
export interface CallRoom {
  readonly sink: CallSink
  readonly closing: Closing
  readonly findAccount: FindAccount
  /** The generation a poll asks for, when its create call is remembered. */
  findGeneration(id: string): Generation | undefined
  rememberGeneration(id: string, generation: Generation): void
  /** The log's row of this inference is this call's own. */
  takeInference(inferenceId: string): void
  opened(call: OpenCall): void
  /** Nothing more will be heard of the call: have it entered. */
  ended(call: OpenCall & EndedCall): void
  /** Keeps a promise that never rejects until the call is counted. */
  finishing(work: Promise<void>): void
}

const NO_FACTS: RequestFacts = { stream: false, parameters: {} }
/** An id the application made itself, as the API accepts it (docs: request tracing); anything else is dropped there too. */
const CLIENT_REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/

export class Call implements Exchange, OpenCall, EndedCall {
  readonly #room: CallRoom
  readonly #head: RequestHead
  readonly #caller
  readonly #tags = currentSpendTags()
  readonly #startTimeMs = Date.now()
  readonly #startMs = monotonicMs()
  #route: Route
  #start: CallStart | undefined
  #active: ActiveCall | undefined
  #generation: Generation | undefined
  #requestReader: RequestReader | undefined
  #responseReader: ResponseReader | undefined
  #chunkTimes: ChunkTimes | undefined
  #status: number | undefined
  #wasSent = false
  #lastEventMs = this.#startMs
  #durationMs = 0
  #errorType: string | undefined
  #ended = false

  constructor(room: CallRoom, route: Route, head: RequestHead) {
    this.#room = room
    this.#route = route
    this.#head = head
    this.#caller = room.sink.caller()
    // A job is known from its first moment on: its polls may come before its own answer was read.
    if (!this.isDeferrable) this.#generation = this.#earlierGeneration() ?? this.#newGeneration()
    room.opened(this)
  }

  /** Nobody asks for what a call that answers at once has said: it may be entered some time after its end. */
  get isDeferrable(): boolean {
    return this.#route.phase === 'sync'
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
    return this.#route
  }

  get status(): number | undefined {
    return this.#status
  }

  get request(): RequestFacts {
    return this.#requestReader?.facts() ?? NO_FACTS
  }

  /** Its span begins here at the latest. */
  get active(): ActiveCall {
    return (this.#active ??= this.#room.sink.start(this.start, this.#caller))
  }

  get start(): CallStart {
    return (this.#start ??= this.#describeStart())
  }

  get generation(): Generation {
    return (this.#generation ??= this.#newGeneration())
  }

  /** Bytes have left: the API may charge even when no answer comes back. */
  get wasSent(): boolean {
    return this.#wasSent
  }

  get isStreaming(): boolean {
    return this.#responseReader?.streaming === true || this.request.stream
  }

  get retryCount(): number | undefined {
    return parseCount(this.#head.header('x-stainless-retry-count'))
  }

  get inferenceId(): string | undefined {
    return this.#responseReader?.head.inferenceId
  }

  get clientRequestId(): string | undefined {
    return this.#responseReader?.head.clientRequestId ?? this.#ownClientRequestId
  }

  get timeToFirstChunkMs(): number | undefined {
    return this.isStreaming && this.#chunkTimes !== undefined
      ? Math.max(0, this.#chunkTimes.firstMs - this.#startMs)
      : undefined
  }

  /** Labels of this very HTTP attempt (a poll's own operation, the generation's model, account and tags). */
  get identity(): CallIdentity {
    const { account, tags, requestModel } = this.generation.identity
    const { operation, endpoint } = this.#route
    return { operation, endpoint, account, tags, ...(requestModel !== undefined && { requestModel }) }
  }

  within(publish: () => void): void {
    this.active.within(publish)
  }

  sent(): void {
    this.#wasSent = true
  }

  requestChunk(bytes: Uint8Array): void {
    this.#wasSent = true
    if (this.#head.method === 'GET' || this.#head.method === 'HEAD') return
    this.#requestReader ??= createRequestReader(this.#head.header)
    this.#requestReader.write(bytes)
  }

  responseHead(status: number, header: HeaderLookup): void {
    this.#lastEventMs = monotonicMs()
    this.#status = status
    const onBatchItem =
      this.#route.endpoint === 'batch' && this.#route.phase === 'poll'
        ? (item: BatchItem) => this.#room.closing.countBatchItem(this.generation, item)
        : undefined
    this.#responseReader = createResponseReader(this.#route, status, header, onBatchItem)
    if (!this.isDeferrable) this.#readRequest()
    const { inferenceId } = this
    if (inferenceId === undefined) return
    if (this.#ownClientRequestId !== undefined) this.#room.takeInference(inferenceId)
    // The create call's body may still be decoding when the application already polls for the job.
    if (this.#route.phase === 'create' && isSuccess(status))
      this.#room.rememberGeneration(inferenceId, this.generation)
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
    if (this.#ended) return
    this.#ended = true
    this.#durationMs = monotonicMs() - this.#startMs
    this.#errorType = errorType
    this.#room.ended(this)
  }

  enter(): void {
    this.#readRequest()
    this.#handOnChunkTimes()
    const facts = this.#responseReader?.end(this.#errorType === undefined)
    if (facts instanceof Promise) this.#room.finishing(facts.then((decoded) => this.#close(decoded)))
    else this.#close(facts)
  }

  #close(facts: ResponseFacts | undefined): void {
    this.#generation = this.#earlierGeneration() ?? this.generation
    this.#room.closing.close(this, facts, this.#durationMs, this.#errorType)
  }

  /** A poll belongs to the generation of its create call, as soon as that one is known. */
  #earlierGeneration(): Generation | undefined {
    const { phase, generationId } = this.#route
    return phase === 'poll' && generationId !== undefined
      ? this.#room.findGeneration(generationId)
      : undefined
  }

  #describeStart(): CallStart {
    const { operation, endpoint } = this.#route
    const earlier = this.#earlierGeneration()?.identity
    const requestModel = earlier?.requestModel ?? this.#requestModel
    return {
      operation,
      endpoint,
      account: earlier?.account ?? this.#room.findAccount(this.#head.header),
      tags: earlier?.tags ?? this.#tags,
      ...readServer(this.#head.origin),
      startTimeMs: this.#startTimeMs,
      ...(requestModel !== undefined && { requestModel }),
    }
  }

  #newGeneration(): Generation {
    const { account, tags, serverAddress, serverPort, requestModel = this.#requestModel } = this.start
    const { operation, endpoint, phase } = this.#route
    const identity = {
      operation,
      endpoint,
      account,
      tags,
      serverAddress,
      serverPort,
      ...(requestModel !== undefined && { requestModel }),
    }
    const generation = createGeneration(identity, this.active.spanContext, phase !== 'poll')
    // The ledger knows a batch as one sum, its results say the tokens item by item: tokens come from there alone.
    generation.tokensCounted = endpoint === 'batch'
    return generation
  }

  get #requestModel(): string | undefined {
    return this.#route.model ?? this.request.model
  }

  get #ownClientRequestId(): string | undefined {
    const id = this.#head.header('x-client-request-id')
    return id !== undefined && CLIENT_REQUEST_ID.test(id) ? id : undefined
  }

  #readRequest(): void {
    const model = this.#requestModel
    if (model === undefined) return
    this.#route = refineRoute(this.#route, model)
    const { operation, endpoint } = this.#route
    const generation = this.#generation
    if (generation !== undefined && generation.identity.requestModel !== model)
      generation.identity = { ...generation.identity, operation, endpoint, requestModel: model }
  }

  #handOnChunkTimes(): void {
    const intervalsMs = this.#chunkTimes?.take() ?? []
    if (intervalsMs.length === 0 || !this.isStreaming) return
    const requestModel = this.#requestModel
    const { operation } = this.#route
    const identity = {
      operation,
      ...readServer(this.#head.origin),
      ...(requestModel !== undefined && { requestModel }),
    }
    this.#room.sink.chunkIntervals(identity, intervalsMs)
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

function parseCount(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,4}$/.test(value) ? Number(value) : undefined
}
