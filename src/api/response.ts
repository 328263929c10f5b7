/** Reads one response: head and bytes → ResponseFacts, in bounded memory and without ever throwing. */
import { BodyFacts } from './body-facts.ts'
import type { BatchItem } from './batch-item.ts'
import { beginsAsJson, Body, isStreamType } from './body.ts'
import { createDecoder, type DecodeFailure, type Decoder } from './decode.ts'
import type { Route } from './families.ts'
import {
  RESPONSE_HEADERS,
  stateFacts,
  type ReadResponse,
  type ResponseFacts,
  type ResponseHead,
} from './response-facts.ts'
import type { BodyWriter } from './staged-body.ts'
import { readId } from './text.ts'

/** Reads one response. */
export class ResponseReader {
  /** Takes the bytes of the body as received (still encoded). */
  readonly input: BodyWriter
  /** The body is compressed: `end` decodes it. */
  readonly encoded: boolean
  readonly #response: ReadResponse
  readonly #decoder: Decoder | undefined
  #ids: ResponseIds | undefined

  /**
   * @param header returns a response header by its lower-case name; it is only called before this returns.
   * @param onBatchItem called with each result of a batch.
   */
  constructor(
    route: Route,
    status: number,
    header: (name: string) => string | undefined,
    onBatchItem?: (item: BatchItem) => void,
  ) {
    const head: ResponseHead = {}
    for (const name of RESPONSE_HEADERS) {
      const value = header(name)
      if (value !== undefined) head[name] = value
    }
    const { 'content-type': contentType, 'content-encoding': coding } = head
    const bodyFacts = new BodyFacts(route, onBatchItem)
    const body = new Body(bodyFacts, contentType, route.endpoint === 'batch')
    this.#response = { route, status, head, bodyFacts, body, isWhole: true, decodeFailure: undefined }
    if (coding !== undefined) this.#decoder = createDecoder(coding, (bytes) => body.write(bytes))
    this.encoded = this.#decoder !== undefined
    this.input = this.#decoder ?? body
  }

  /** The ids that the head names. */
  get ids(): ResponseIds {
    return (this.#ids ??= readResponseIds(this.#response.head))
  }

  /** Whether the response may be a stream, by its label, or by the first bytes: a stream may be labelled JSON. */
  mayStream(firstChunk: Uint8Array): boolean {
    return (
      this.#response.head['content-type']?.startsWith('application/json') !== true ||
      !beginsAsJson(firstChunk)
    )
  }

  /** The response is a stream: events, NDJSON, or audio of unknown length. */
  get streaming(): boolean {
    return (
      isStreamType(this.#response.head['content-type'], this.#response.head['content-length']) ||
      this.#response.body.isEventStream
    )
  }

  /**
   * Reads the rest and returns the facts. `isWhole` false: the body was broken off; what came until then counts. A promise
   * only while a large compressed body is being decoded; it never rejects. A small one is decoded synchronously.
   */
  end(isWhole: boolean): ResponseFacts | Promise<ResponseFacts> {
    this.#response.isWhole = isWhole
    const failure = this.#decoder?.end()
    return failure instanceof Promise
      ? failure.then((known) => this.#stateFacts(known))
      : this.#stateFacts(failure)
  }

  #stateFacts(decodeFailure: DecodeFailure | undefined): ResponseFacts {
    this.#response.decodeFailure = decodeFailure
    this.#response.body.end()
    return stateFacts(this.#response)
  }
}

/** The ids of the headers of a response, or of a WebSocket handshake. */
export interface ResponseIds {
  /** `x-inference-id`. */
  readonly inferenceId: string | undefined
  /** `x-client-request-id`. */
  readonly clientRequestId: string | undefined
}

/** Reads the ids of `head`; what is no id is left out. */
export function readResponseIds(head: {
  readonly 'x-inference-id'?: string | undefined
  readonly 'x-client-request-id'?: string | undefined
}): ResponseIds {
  return {
    inferenceId: readId(head['x-inference-id']),
    clientRequestId: readId(head['x-client-request-id']),
  }
}
