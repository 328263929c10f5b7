import { createAttachment } from './attachment.ts'
import { toBytes } from './bytes.ts'
import type { GuardedExchange } from './guard.ts'
import type { UndiciRequest } from './undici-message.ts'

/** The state of one observed undici request while it is under way. */
export class Observation {
  readonly exchange: GuardedExchange
  /** Body bytes come from the request's own methods; the chunk channels, which may exist as well, are ignored. */
  readonly byMethods: boolean
  /**
   * The request was ended through the `abort` function that undici hands to its API: by a signal,
   * `reader.cancel()`, leaving a loop, a destroyed body. Failures of the connection never call it. It is the only way to
   * distinguish them from an abort whose reason is itself a system error.
   */
  cancelled = false
  #passedBytes = 0
  #repeatedBytes = 0

  constructor(exchange: GuardedExchange, byMethods: boolean) {
    this.exchange = exchange
    this.byMethods = byMethods
  }

  /**
   * The request's head is being written, and its body follows from the first byte. undici writes one and the same
   * request again when the connection closed before it was its turn (pipelining, a GOAWAY of HTTP/2).
   */
  headWritten(): void {
    this.#repeatedBytes = this.#passedBytes
    this.exchange.sent()
  }

  /** A chunk of the request's body was written. Each byte is passed on once. */
  bodySent(chunk: unknown): void {
    const { exchange } = this
    if (exchange.ended) return
    const bytes = toBytes(chunk)
    const repeated = Math.min(this.#repeatedBytes, bytes.byteLength)
    this.#repeatedBytes -= repeated
    this.#passedBytes += bytes.byteLength - repeated
    exchange.sent()
    if (bytes.byteLength > repeated) exchange.requestChunk(repeated === 0 ? bytes : bytes.subarray(repeated))
  }
}

const attachment = createAttachment<Observation>()

/** To be called once for a request. */
export function attachObservation(request: UndiciRequest, observation: Observation): void {
  attachment.attach(request, observation)
}

/** The observation of a request, if it is observed. */
export const findObservation: (request: UndiciRequest) => Observation | undefined = attachment.find
