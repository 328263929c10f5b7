import { toBytes } from './bytes.ts'
import type { GuardedExchange } from './guard.ts'

/**
 * Passes each byte of an undici request's body on once. undici writes one and the same request again, from
 * the start, when the connection closed before it was its turn (pipelining, a GOAWAY of HTTP/2).
 */
export class RequestBody {
  readonly #exchange: GuardedExchange
  #passedBytes = 0
  #repeatedBytes = 0

  constructor(exchange: GuardedExchange) {
    this.#exchange = exchange
  }

  /** The request's head is being written: what follows is the body from its first byte. */
  start(): void {
    this.#repeatedBytes = this.#passedBytes
  }

  /** A chunk of the body was written. */
  sent(chunk: unknown): void {
    const bytes = toBytes(chunk)
    const repeated = Math.min(this.#repeatedBytes, bytes.byteLength)
    this.#repeatedBytes -= repeated
    this.#passedBytes += bytes.byteLength - repeated
    this.#exchange.sent()
    if (bytes.byteLength > repeated) this.#exchange.requestChunk(bytes.subarray(repeated))
  }
}
