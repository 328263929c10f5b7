/** The events of one exchange become one FinishedCall, which is made when the call is recorded. */
import type { Context } from '@opentelemetry/api'
import { refineRoute } from '../api/endpoints.ts'
import type { Route } from '../api/families.ts'
import { NO_REQUEST, RequestReader } from '../api/request.ts'
import { ResponseReader } from '../api/response.ts'
import type { BatchItem } from '../api/body-facts.ts'
import { stateFacts } from '../api/response-facts.ts'
import type { ActiveCall, CallStart } from '../ports.ts'
import type { Exchange, HeaderLookup, RequestHead } from '../traffic/exchange.ts'
import type { Writable } from '../writable.ts'
import { monotonicMs, turnClock } from './turn-clock.ts'
import type { Dependencies } from './dependencies.ts'
import { readOwnRequestId, readRetryCount, readServer } from './request-head.ts'
import type { EndedCall } from './deferral.ts'
import { isSuccess, NO_RESPONSE, type FinishedCall } from './finished-call.ts'
import type { KeptGeneration } from './generation.ts'
import type { OpenCall } from './open-calls.ts'

/** Times between chunks kept before they are recorded. */
const MAX_INTERVALS = 256

/** The application read no further; the connection had no failure. */
const LEFT: ReadonlySet<string | undefined> = new Set(['aborted', 'abandoned'])

/** One call over HTTP: takes the events of its exchange, and yields a `FinishedCall`. */
export class Call implements Exchange, OpenCall, EndedCall {
  readonly isDeferrable: boolean
  lastEventMs = monotonicMs()
  status: number | undefined
  readonly #dependencies: Dependencies
  readonly #route: Route
  readonly #head: RequestHead
  readonly #tags: CallStart['tags']
  readonly #isRetrieval: boolean
  readonly #caller: Context
  readonly #startTimeMs = Date.now()
  readonly #startMs = this.lastEventMs
  /** The client request id that the application sent. Its retries repeat it, and the account's log can be searched for it. */
  #ownRequestId: string | undefined
  #request: RequestReader | undefined
  #response: ResponseReader | undefined
  #span: ActiveCall | undefined
  #start: CallStart | undefined
  #generation: KeptGeneration | undefined
  #firstChunkMs = 0
  #mayStream = false
  #intervalsMs: number[] = []
  #wasSent = false
  #hasEnded = false
  #durationMs = 0
  #errorType: string | undefined

  /** To be created where the application makes the call: tags and the active span are read here. */
  constructor(dependencies: Dependencies, route: Route, head: RequestHead) {
    this.#dependencies = dependencies
    this.#route = route
    this.#head = head
    this.#isRetrieval = head.method === 'GET' || head.method === 'HEAD'
    this.#caller = dependencies.sink.caller()
    this.#tags = dependencies.readTags(this.#caller)
    this.isDeferrable = route.phase === 'sync'
    dependencies.openCalls.add(this)
  }

  get hasEncodedResponse(): boolean {
    return this.#response?.encoded === true
  }

  get isInTrace(): boolean {
    return this.#dependencies.sink.isInTrace(this.#caller)
  }

  within(publish: () => void): void {
    this.startSpan().within(publish)
  }

  sent(): void {
    this.#wasSent = true
  }

  /** The application wrote these bytes; until `sent` they may wait for a connection. */
  requestChunk(bytes: Uint8Array): void {
    if (this.#isRetrieval || this.#hasEnded) return
    this.#request ??= new RequestReader(this.#head.header)
    this.#request.write(bytes)
  }

  // What still arrives after `end('abandoned')` is not read: the call is recorded.
  responseHead(status: number, header: HeaderLookup): void {
    if (this.#hasEnded) return
    this.lastEventMs = monotonicMs()
    this.status = status
    this.#ownRequestId = readOwnRequestId(this.#head.header)
    const { endpoint, phase } = this.#route
    const onBatchItem = endpoint === 'batch' && phase === 'poll' ? this.#countBatchItem : undefined
    this.#response = new ResponseReader(this.#route, status, header, onBatchItem)
    const { inferenceId } = this.#response.ids
    if (inferenceId === undefined) return
    // Another attempt under the same client request id must not be given this call's row of the log.
    if (this.#ownRequestId !== undefined)
      this.#dependencies.accounting.answeredCalls.addInference(inferenceId)
    // The create call's body may still be decoding when the application already polls for the job.
    if (phase === 'create' && isSuccess(status)) this.#openGeneration(inferenceId)
  }

  responseChunk(bytes: Uint8Array): void {
    const reader = this.#response
    if (reader === undefined || this.#hasEnded) return
    const isFirst = this.#firstChunkMs === 0
    if (isFirst) this.#mayStream = reader.mayStream(bytes)
    if (this.#mayStream) {
      const nowMs = turnClock.isOver ? turnClock.read() : turnClock.nowMs
      if (isFirst) this.#firstChunkMs = nowMs
      // Chunks that arrive together count as one.
      else if (nowMs > this.lastEventMs && this.#intervalsMs.push(nowMs - this.lastEventMs) >= MAX_INTERVALS)
        this.#recordIntervals()
      this.lastEventMs = nowMs
    } else {
      this.lastEventMs = monotonicMs()
      if (isFirst) this.#firstChunkMs = this.lastEventMs
    }
    reader.input.write(bytes)
  }

  end(errorType?: string): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    if (this.status === undefined) this.#ownRequestId = readOwnRequestId(this.#head.header)
    // A body that nobody reads is noticed minutes after its last event.
    const isUnread = errorType === 'abandoned' && this.status !== undefined
    this.#durationMs = (isUnread ? this.lastEventMs : monotonicMs()) - this.#startMs
    this.#errorType = errorType
    this.#dependencies.openCalls.remove(this)
    this.#dependencies.deferral.add(this)
  }

  startSpan(): ActiveCall {
    return (this.#span ??= this.#dependencies.sink.start(this.#describeStart(), this.#caller))
  }

  record(): void {
    const decoded = this.#response?.end(this.#errorType === undefined)
    // Now all bytes are read: text that was labelled otherwise is known to be a stream.
    if (this.#intervalsMs.length > 0) this.#recordIntervals()
    const { accounting, openCalls, onInternalError } = this.#dependencies
    if (decoded === undefined) return accounting.record(this.#describe())
    const recorded = decoded.then(() => accounting.record(this.#describe()))
    openCalls.keepDecoding(recorded.catch(onInternalError))
  }

  #describe(): FinishedCall {
    const request = this.#request?.facts() ?? NO_REQUEST
    const response = this.#response
    const facts = response === undefined ? NO_RESPONSE : stateFacts(response)
    const isStream = response?.streaming === true || request.stream
    return {
      route: refineRoute(this.#route, this.#route.model ?? request.model),
      isRetrieval: this.#isRetrieval,
      span: this.startSpan(),
      start: this.#describeStart(),
      request,
      wasSent: this.#wasSent,
      status: this.status,
      transportError: facts.isOver && LEFT.has(this.#errorType) ? undefined : this.#errorType,
      durationMs: this.#durationMs,
      timeToFirstChunkMs:
        isStream && this.#firstChunkMs > 0 ? Math.max(0, this.#firstChunkMs - this.#startMs) : undefined,
      isStream,
      retryCount: readRetryCount(this.#head.header),
      inferenceId: response?.ids.inferenceId,
      clientRequestId: response?.ids.clientRequestId ?? this.#ownRequestId,
      facts,
      generation: this.#generation,
    }
  }

  /** The labels of the call. A poll has those of its create call when that is known. */
  #describeStart(): CallStart {
    if (this.#start !== undefined) return this.#start
    const { accounting, findAccount } = this.#dependencies
    const polled = accounting.generations.findPolled(this.#route)?.identity
    const requestModel = polled?.requestModel ?? this.#route.model ?? this.#request?.facts().model
    const { endpoint, operation } = refineRoute(this.#route, requestModel)
    const { serverAddress, serverPort } = readServer(this.#head.origin)
    const start: Writable<CallStart> = {
      operation,
      endpoint,
      account: polled?.account ?? findAccount(this.#head.header),
      tags: polled?.tags ?? this.#tags,
      serverAddress,
      serverPort,
      startTimeMs: this.#startTimeMs,
    }
    if (requestModel !== undefined) start.requestModel = requestModel
    // Before that, the application may still set headers, the key among them, and write the body with the model.
    if (this.#hasEnded) this.#start = start
    return start
  }

  #openGeneration(id: string | undefined): KeptGeneration {
    const { generations } = this.#dependencies.accounting
    const isOwn = this.#route.phase !== 'poll'
    return (this.#generation ??= generations.findOrCreate(this.#describeStart(), isOwn, id))
  }

  readonly #countBatchItem = (item: BatchItem): void => {
    this.#dependencies.accounting.countBatchItem(this.#openGeneration(this.#route.generationId), item)
  }

  /** Records the times between chunks. Without the response's model, which is not known while chunks still arrive. */
  #recordIntervals(): void {
    const intervalsMs = this.#intervalsMs
    this.#intervalsMs = []
    if (this.#response?.streaming !== true && this.#request?.facts().stream !== true) return
    this.#dependencies.sink.chunkIntervals(this.#describeStart(), intervalsMs)
  }
}
