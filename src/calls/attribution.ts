/**
 * What a call counts for: its route, model, account and tags, its span, its generation. Found out as late as somebody
 * asks, which for most calls is when they are entered.
 */
import type { Context } from '@opentelemetry/api'
import { refineRoute, type Route } from '../api/endpoints.ts'
import { createRequestReader, type RequestFacts, type RequestReader } from '../api/request.ts'
import type { RequestHead } from '../traffic/exchange.ts'
import type { ActiveCall, CallSink, CallStart, StreamIdentity } from '../ports.ts'
import type { FindAccount } from './accounts.ts'
import { createGeneration, type Generation, type GenerationIdentity } from './generation.ts'
import { readServer } from './server.ts'
import { currentSpendTags } from './tags.ts'

export interface AttributionRoom {
  readonly sink: CallSink
  readonly findAccount: FindAccount
  /** The generation a poll asks for, when its create call is remembered. */
  findGeneration(id: string): Generation | undefined
}

const NO_FACTS: RequestFacts = { stream: false, parameters: {} }

export class Attribution {
  readonly head: RequestHead
  readonly startTimeMs = Date.now()
  readonly #room: AttributionRoom
  readonly #tags = currentSpendTags()
  readonly #caller: Context
  #route: Route
  #requestReader: RequestReader | undefined
  #start: CallStart | undefined
  #active: ActiveCall | undefined
  #generation: Generation | undefined

  /** To be made where the application makes the call: tags and the active span are those of this moment. */
  constructor(room: AttributionRoom, route: Route, head: RequestHead) {
    this.#room = room
    this.#route = route
    this.head = head
    this.#caller = room.sink.caller()
  }

  get route(): Route {
    return this.#route
  }

  /** What the request has said so far. */
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
    return (this.#generation ??= this.#earlierGeneration() ?? this.#newGeneration())
  }

  /** Labels of chunks: the response's own model is not known while they are still coming. */
  get stream(): StreamIdentity {
    const identity: { -readonly [name in keyof StreamIdentity]: StreamIdentity[name] } = {
      operation: this.#route.operation,
      ...readServer(this.head.origin),
    }
    const model = this.#requestModel
    if (model !== undefined) identity.requestModel = model
    return identity
  }

  requestChunk(bytes: Uint8Array): void {
    if (this.head.method === 'GET' || this.head.method === 'HEAD') return
    this.#requestReader ??= createRequestReader(this.head.header)
    this.#requestReader.write(bytes)
  }

  /** Takes over what the request's body has said since. */
  readRequest(): void {
    const model = this.#requestModel
    if (model === undefined) return
    this.#route = refineRoute(this.#route, model)
    const { operation, endpoint } = this.#route
    const generation = this.#generation
    if (generation !== undefined && generation.identity.requestModel !== model)
      generation.identity = { ...generation.identity, operation, endpoint, requestModel: model }
  }

  /** A poll belongs to the generation of its create call, as soon as that one is known. */
  joinEarlierGeneration(): void {
    const earlier = this.#earlierGeneration()
    if (earlier !== undefined) this.#generation = earlier
  }

  get #requestModel(): string | undefined {
    return this.#route.model ?? this.request.model
  }

  #earlierGeneration(): Generation | undefined {
    const { phase, generationId } = this.#route
    return phase === 'poll' && generationId !== undefined
      ? this.#room.findGeneration(generationId)
      : undefined
  }

  #describeStart(): CallStart {
    const earlier = this.#earlierGeneration()?.identity
    const { serverAddress, serverPort } = readServer(this.head.origin)
    const start: { -readonly [name in keyof CallStart]: CallStart[name] } = {
      operation: this.#route.operation,
      endpoint: this.#route.endpoint,
      account: earlier?.account ?? this.#room.findAccount(this.head.header),
      tags: earlier?.tags ?? this.#tags,
      serverAddress,
      serverPort,
      startTimeMs: this.startTimeMs,
    }
    const model = earlier?.requestModel ?? this.#requestModel
    if (model !== undefined) start.requestModel = model
    return start
  }

  #newGeneration(): Generation {
    const { account, tags, serverAddress, serverPort, requestModel = this.#requestModel } = this.start
    const { operation, endpoint, phase } = this.#route
    const identity: GenerationIdentity = { operation, endpoint, account, tags, serverAddress, serverPort }
    if (requestModel !== undefined) Object.assign(identity, { requestModel })
    const generation = createGeneration(identity, this.active.spanContext, phase !== 'poll')
    // The ledger knows a batch as one sum, its results say the tokens item by item: tokens come from there alone.
    generation.tokensCounted = endpoint === 'batch'
    return generation
  }
}
