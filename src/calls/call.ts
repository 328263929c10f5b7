/** One call's life: the events of an Exchange become exactly one CallRecord. */
import { createRequestReader, type RequestFacts, type RequestReader } from '../api/request.ts'
import {
  createResponseReader,
  type BatchItem,
  type ResponseFacts,
  type ResponseReader,
} from '../api/response.ts'
import { refineRoute, type Route } from '../api/endpoints.ts'
import type { Exchange, HeaderLookup, RequestHead } from '../traffic/exchange.ts'
import type { ActiveCall, CallIdentity, CallSink, CallStart } from '../types.ts'
import { monotonicMs, turnMonotonicMs } from './clock.ts'
import type { Closing } from './closing.ts'
import { createGeneration, type Generation } from './generation.ts'
import type { OpenCall } from './open-calls.ts'

/** What one call needs from the room around it. */
export interface CallRoom {
  readonly sink: CallSink
  readonly closing: Closing
  /** The generation a poll asks for, when its create call is remembered. */
  findGeneration(id: string): Generation | undefined
  rememberGeneration(id: string, generation: Generation): void
  /** The log's row of this inference is this call's own. */
  takeInference(inferenceId: string): void
  opened(call: OpenCall): void
  closed(call: OpenCall): void
  /** Keeps a promise that never rejects until the call is counted. */
  finishing(work: Promise<void>): void
}

const NO_FACTS: RequestFacts = { stream: false, parameters: {} }
/** An id the application made itself, as the API accepts it (docs: request tracing); anything else is dropped there too. */
const CLIENT_REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/

export class Call implements Exchange, OpenCall {
  readonly start: CallStart
  readonly active: ActiveCall
  readonly retryCount: number | undefined
  readonly #room: CallRoom
  readonly #startMs = monotonicMs()
  readonly #requestReader: RequestReader | undefined
  readonly #ownClientRequestId: string | undefined
  #route: Route
  #request: RequestFacts = NO_FACTS
  #generation: Generation
  #responseReader: ResponseReader | undefined
  #status: number | undefined
  #wasSent = false
  #firstChunkMs: number | undefined
  #lastEventMs = this.#startMs
  #ended = false

  constructor(room: CallRoom, route: Route, head: RequestHead, start: CallStart) {
    this.#room = room
    this.#route = route
    this.start = start
    const { header } = head
    const hasBody = head.method !== 'GET' && head.method !== 'HEAD'
    this.#requestReader = hasBody
      ? createRequestReader(header('content-type'), header('content-encoding'))
      : undefined
    this.retryCount = parseCount(header('x-stainless-retry-count'))
    const clientRequestId = header('x-client-request-id')
    this.#ownClientRequestId =
      clientRequestId !== undefined && CLIENT_REQUEST_ID.test(clientRequestId) ? clientRequestId : undefined
    this.active = room.sink.start(start)
    this.#generation = this.#earlierGeneration() ?? this.#newGeneration()
    room.opened(this)
  }

  get lastEventMs(): number {
    return this.#lastEventMs
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
    return this.#request
  }

  get generation(): Generation {
    return this.#generation
  }

  /** Bytes have left: the API may charge even when no answer comes back. */
  get wasSent(): boolean {
    return this.#wasSent
  }

  get isStreaming(): boolean {
    return this.#request.stream || this.#responseReader?.streaming === true
  }

  get inferenceId(): string | undefined {
    return this.#responseReader?.head.inferenceId
  }

  get clientRequestId(): string | undefined {
    return this.#responseReader?.head.clientRequestId ?? this.#ownClientRequestId
  }

  get timeToFirstChunkMs(): number | undefined {
    return this.isStreaming && this.#firstChunkMs !== undefined
      ? this.#firstChunkMs - this.#startMs
      : undefined
  }

  /** Labels of this very HTTP attempt (a poll's own operation, the generation's model, account and tags). */
  get identity(): CallIdentity {
    const { account, tags, requestModel } = this.#generation.identity
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
    this.#requestReader?.write(bytes)
  }

  responseHead(status: number, header: HeaderLookup): void {
    this.#lastEventMs = monotonicMs()
    this.#status = status
    this.#readRequest()
    const onBatchItem =
      this.#route.endpoint === 'batch' && this.#route.phase === 'poll'
        ? (item: BatchItem) => this.#room.closing.countBatchItem(this.#generation, item)
        : undefined
    this.#responseReader = createResponseReader(this.#route, status, header, onBatchItem)
    if (this.#ownClientRequestId !== undefined && this.inferenceId !== undefined) {
      this.#room.takeInference(this.inferenceId)
    }
    // The create call's body may still be decoding when the application already polls for the job.
    if (this.#route.phase === 'create' && isSuccess(status) && this.inferenceId !== undefined) {
      this.#room.rememberGeneration(this.inferenceId, this.#generation)
    }
  }

  responseChunk(bytes: Uint8Array): void {
    // Most bodies that are no stream come in one chunk: no need to find out when its turn ends.
    const isOnlyChunk = this.#firstChunkMs === undefined && !this.isStreaming
    const nowMs = isOnlyChunk ? monotonicMs() : turnMonotonicMs()
    if (this.#firstChunkMs === undefined) {
      this.#firstChunkMs = Math.max(nowMs, this.#startMs)
    } else if (nowMs > this.#lastEventMs && this.isStreaming) {
      this.active.chunkInterval(nowMs - this.#lastEventMs)
    }
    this.#lastEventMs = nowMs
    this.#responseReader?.write(bytes)
  }

  abandon(): void {
    this.end('abandoned')
  }

  end(errorType?: string): void {
    if (this.#ended) return
    this.#ended = true
    const durationMs = monotonicMs() - this.#startMs
    this.#room.closed(this)
    this.#readRequest()
    const facts = this.#responseReader?.end(errorType === undefined)
    if (facts instanceof Promise) {
      this.#room.finishing(
        facts.then((decoded) => this.#close(decoded, durationMs, errorType)).catch(() => {}),
      )
    } else {
      this.#close(facts, durationMs, errorType)
    }
  }

  #close(facts: ResponseFacts | undefined, durationMs: number, errorType: string | undefined): void {
    this.#generation = this.#earlierGeneration() ?? this.#generation
    this.#room.closing.close(this, facts, durationMs, errorType)
  }

  /** A poll belongs to the generation of its create call, as soon as that one is known. */
  #earlierGeneration(): Generation | undefined {
    const { phase, generationId } = this.#route
    return phase === 'poll' && generationId !== undefined
      ? this.#room.findGeneration(generationId)
      : undefined
  }

  #newGeneration(): Generation {
    const { operation, endpoint, account, tags, serverAddress, serverPort, requestModel } = this.start
    const identity = {
      operation,
      endpoint,
      account,
      tags,
      serverAddress,
      serverPort,
      ...(requestModel !== undefined && { requestModel }),
    }
    const generation = createGeneration(identity, this.active.spanContext, this.#route.phase !== 'poll')
    // The ledger knows a batch as one sum, its results say the tokens item by item: tokens come from there alone.
    generation.tokensCounted = this.#route.endpoint === 'batch'
    return generation
  }

  #readRequest(): void {
    if (this.#requestReader === undefined) return
    this.#request = this.#requestReader.facts()
    const model = this.#route.model ?? this.#request.model
    if (model === undefined || this.#generation.identity.requestModel === model) return
    this.#route = refineRoute(this.#route, model)
    const { operation, endpoint } = this.#route
    this.#generation.identity = { ...this.#generation.identity, operation, endpoint, requestModel: model }
    this.active.named(model)
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

function parseCount(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,4}$/.test(value) ? Number(value) : undefined
}
