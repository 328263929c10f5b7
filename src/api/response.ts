/** Reads one response: head and bytes → ResponseFacts, in bounded memory and without ever throwing. */
import { Answer } from './answer.ts'
import type { BatchItem } from './batch-item.ts'
import { Body, isStreamType } from './body.ts'
import { createDecoder, type Decoder } from './decode.ts'
import type { Route } from './endpoints.ts'
import { RESPONSE_HEADERS, stateFacts, type ResponseFacts, type ResponseHead } from './response-facts.ts'
import type { BodyWriter } from './staged-body.ts'
import { readId } from './text.ts'

export type { ResponseFacts } from './response-facts.ts'
export type { BatchItem } from './batch-item.ts'

/** Reads one response. */
export interface ResponseReader {
  /** Takes the bytes of the body as received (still encoded). */
  readonly input: BodyWriter
  /** The response is a stream: events, NDJSON, or audio of unknown length. */
  readonly streaming: boolean
  /** The content type does not begin with `application/json`: it may be a stream. */
  readonly mayStream: boolean
  /** The body is compressed: `end` decodes it. */
  readonly encoded: boolean
  readonly head: {
    /** `x-inference-id`. */
    readonly inferenceId?: string
    /** `x-client-request-id`. */
    readonly clientRequestId?: string
  }
  /**
   * Reads the rest and returns the facts. `isWhole` false: the body was broken off; what came until then counts. A promise
   * only while a large compressed body is being decoded; it never rejects. A small one is decoded synchronously.
   */
  end(isWhole: boolean): ResponseFacts | Promise<ResponseFacts>
}

/**
 * A reader for one response. `header` returns a response header by its lower-case name; it is only called before this
 * returns. `onBatchItem` is called with each result of a batch.
 */
export function createResponseReader(
  route: Route,
  status: number,
  header: (name: string) => string | undefined,
  onBatchItem?: (item: BatchItem) => void,
): ResponseReader {
  const head: ResponseHead = {}
  for (const name of RESPONSE_HEADERS) {
    const value = header(name)
    if (value !== undefined) head[name] = value
  }
  return new Response(route, status, head, onBatchItem)
}

class Response implements ResponseReader {
  readonly input: BodyWriter
  readonly mayStream: boolean
  readonly encoded: boolean
  readonly #route: Route
  readonly #status: number
  readonly #head: ResponseHead
  readonly #answer: Answer
  readonly #body: Body
  readonly #decoder: Decoder | undefined
  #ids: ResponseReader['head'] | undefined

  constructor(
    route: Route,
    status: number,
    head: ResponseHead,
    onBatchItem: ((item: BatchItem) => void) | undefined,
  ) {
    const { 'content-type': contentType, 'content-encoding': coding } = head
    this.#route = route
    this.#status = status
    this.#head = head
    this.mayStream = contentType?.startsWith('application/json') !== true
    this.encoded = coding !== undefined
    this.#answer = new Answer(route, onBatchItem)
    this.#body = new Body(this.#answer, contentType, route.endpoint === 'batch')
    if (coding !== undefined) this.#decoder = createDecoder(coding, (bytes) => this.#body.write(bytes))
    this.input = this.#decoder ?? this.#body
  }

  get head(): ResponseReader['head'] {
    return (this.#ids ??= readIds(this.#head))
  }

  get streaming(): boolean {
    return isStreamType(this.#head['content-type'], this.#head['content-length']) || this.#body.isEventStream
  }

  end(isWhole: boolean): ResponseFacts | Promise<ResponseFacts> {
    const failure = this.#decoder?.end()
    return failure instanceof Promise
      ? failure.then((known) => this.#stateFacts(isWhole, known))
      : this.#stateFacts(isWhole, failure)
  }

  #stateFacts(isWhole: boolean, decodeFailure: Awaited<ReturnType<Decoder['end']>>): ResponseFacts {
    this.#body.end()
    return stateFacts({
      route: this.#route,
      status: this.#status,
      head: this.#head,
      answer: this.#answer,
      body: this.#body,
      isWhole,
      decodeFailure,
    })
  }
}

function readIds(head: ResponseHead): ResponseReader['head'] {
  const ids: { inferenceId?: string; clientRequestId?: string } = {}
  const inferenceId = readId(head['x-inference-id'])
  if (inferenceId !== undefined) ids.inferenceId = inferenceId
  const clientRequestId = readId(head['x-client-request-id'])
  if (clientRequestId !== undefined) ids.clientRequestId = clientRequestId
  return ids
}
