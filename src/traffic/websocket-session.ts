/** One observed session between its handshake and its last byte. Never throws into whoever calls it. */
import { errorType } from './error-type.ts'
import type { HeaderLookup } from './exchange.ts'
import type { Guard } from './guard.ts'
import type { SessionEnding, SessionObserver } from './websocket.ts'
import { readCompression } from './websocket-deflate.ts'
import { FrameReader } from './websocket-frames.ts'
import { Messages } from './websocket-messages.ts'

const SWITCHING_PROTOCOLS = 101
const EXTENSIONS = 'sec-websocket-extensions'
/** The code that node:http uses as well when the server ends a connection early. */
const ENDED_BY_SERVER = 'ECONNRESET'

/** One WebSocket: the bytes of its socket, both ways, until it closes. */
export class SocketSession {
  readonly #observer: SessionObserver
  readonly #guard: Guard
  #received: FrameReader | undefined
  #sent: FrameReader | undefined
  #closeCode: number | undefined
  #hasServerEnded = false
  #hasEnded = false

  constructor(observer: SessionObserver, guard: Guard) {
    this.#observer = observer
    this.#guard = guard
  }

  /** Nothing will be passed on any more. */
  get ended(): boolean {
    return this.#hasEnded || !this.#guard.live
  }

  get isOpen(): boolean {
    return this.#received !== undefined
  }

  within(publish: () => void): void {
    this.#attempt('within', () => this.#observer.within(publish))
  }

  /** The handshake was accepted: from now on the connection belongs to the session. */
  accepted(status: number, header: HeaderLookup): void {
    this.#attempt('answered', () => {
      this.#observer.answered(status, header)
      // No WebSocket client accepts an upgrade with another status.
      if (status !== SWITCHING_PROTOCOLS) return this.end({})
      const compression = readCompression(header(EXTENSIONS))
      const close = (code: number): void => void (this.#closeCode ??= code)
      const { received, sent } = this.#observer
      this.#received = new FrameReader(new Messages(received, compression?.received, close), !!compression)
      this.#sent = new FrameReader(new Messages(sent, compression?.sent, close), !!compression)
    })
  }

  /** The server refused the handshake: there is no session. */
  refused(status: number, header: HeaderLookup): void {
    this.#attempt('answered', () => this.#observer.answered(status, header))
    this.end({})
  }

  /** The handshake failed without a response. */
  failed(error: unknown, cancelled = false): void {
    this.end({ errorType: errorType(error, cancelled) })
  }

  receivedBytes(bytes: Uint8Array): void {
    if (this.#received !== undefined && !this.ended) this.#read(this.#received, bytes)
  }

  sentBytes(bytes: Uint8Array): void {
    if (this.#sent !== undefined && !this.ended) this.#read(this.#sent, bytes)
  }

  /** The server sends nothing more. */
  serverEnded(): void {
    this.#hasServerEnded = true
  }

  /** The connection is over, by an error or not. */
  disconnected(error: unknown): void {
    if (this.#closeCode !== undefined) this.end({ closeCode: this.#closeCode })
    else if (error !== undefined && error !== null) this.end({ errorType: errorType(error) })
    else this.end({ errorType: this.#hasServerEnded ? ENDED_BY_SERVER : 'aborted' })
  }

  end(ending: SessionEnding): void {
    if (this.ended) return
    this.#hasEnded = true
    this.#guard.attempt('end', () => this.#observer.end(ending))
  }

  /** For every chunk of the session: without a closure, which would cost as much as the rest. */
  #read(reader: FrameReader, bytes: Uint8Array): void {
    try {
      reader.read(
        Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      )
    } catch (error) {
      this.#attempt('message', () => {
        throw error
      })
    }
  }

  /** A throw of the observer ends the observation. */
  #attempt(kind: string, action: () => void): void {
    if (this.ended) return
    let hasSucceeded = false
    this.#guard.attempt(kind, () => {
      action()
      hasSucceeded = true
    })
    if (!hasSucceeded) this.end({ errorType: '_OTHER' })
  }
}
