/** A response's head and bytes → what it says it cost, in bounded memory and without ever throwing. */
import type { BatchItem } from './batch-item.ts'
import type { BodyWriter } from './body.ts'
import type { Route } from './endpoints.ts'
import { MAX_SMALL_BYTES } from './limits.ts'
import { FactsReader, RESPONSE_HEADERS, type ResponseFacts, type ResponseHead } from './response-facts.ts'
import { readId } from './text.ts'

export type { ResponseFacts } from './response-facts.ts'
export type { BatchItem } from './batch-item.ts'

export interface ResponseReader {
  /** The answer comes piece by piece by its nature: an event stream, NDJSON, audio of unknown length. */
  readonly streaming: boolean
  /** The head does not call the answer one JSON document. */
  readonly mayStream: boolean
  /** The body is compressed: `end` decodes it. */
  readonly encoded: boolean
  readonly head: {
    /** `x-inference-id`. */
    readonly inferenceId?: string
    /** `x-client-request-id`. */
    readonly clientRequestId?: string
  }
  /** Bytes of the body as received (still encoded). Borrowed: nothing of them is referenced afterwards. */
  write(bytes: Uint8Array): void
  /**
   * What was said. `whole` false: the body was broken off, and what came until then counts. A promise only while
   * a large compressed body is being decoded; it never rejects. A small one is decoded here and now.
   */
  end(whole: boolean): ResponseFacts | Promise<ResponseFacts>
}

/**
 * `header` reads a response header by its lower-case name, and is asked at once. `onBatchItem` is given each result
 * of a batch.
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
  return new StagedResponse(head, () => new FactsReader(route, status, head, onBatchItem))
}

/** Most bodies come in one chunk, and are read when the call is over. */
class StagedResponse implements ResponseReader {
  readonly mayStream: boolean
  readonly #head: ResponseHead
  readonly #createReader: () => FactsReader
  #ids: ResponseReader['head'] | undefined
  #stage: Buffer | undefined
  #reader: FactsReader | undefined
  /** What the reader does with each further chunk, without the way there. */
  #writer: BodyWriter | undefined

  constructor(head: ResponseHead, createReader: () => FactsReader) {
    this.#head = head
    this.#createReader = createReader
    this.mayStream = head['content-type']?.startsWith('application/json') !== true
  }

  get head(): ResponseReader['head'] {
    return (this.#ids ??= readIds(this.#head))
  }

  get streaming(): boolean {
    return this.#open().streaming
  }

  get encoded(): boolean {
    return this.#head['content-encoding'] !== undefined
  }

  write(bytes: Uint8Array): void {
    if (this.#writer !== undefined) {
      try {
        this.#writer.write(bytes)
      } catch {
        this.#writer = undefined
        this.#reader?.break()
      }
    } else if (this.#reader === undefined && this.#stage === undefined && bytes.length <= MAX_SMALL_BYTES) {
      this.#stage = Buffer.from(bytes)
    } else {
      const reader = this.#open()
      reader.write(bytes)
      this.#writer = reader.writer
    }
  }

  end(whole: boolean): ResponseFacts | Promise<ResponseFacts> {
    return this.#open().end(whole)
  }

  #open(): FactsReader {
    if (this.#reader === undefined) {
      this.#reader = this.#createReader()
      if (this.#stage !== undefined) this.#reader.write(this.#stage)
      this.#stage = undefined
    }
    return this.#reader
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
