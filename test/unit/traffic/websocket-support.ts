/** Frames as a peer writes them, by RFC 6455 and RFC 7692, and a reader that keeps what it is given. */
import { constants, deflateRawSync } from 'node:zlib'
import { PREFIX_BYTES, type MessageReader } from '../../../src/traffic/websocket.ts'

export const CONTINUATION = 0
export const TEXT = 1
export const BINARY = 2
export const CLOSE = 8
export const PING = 9
export const PONG = 10

export interface FrameOptions {
  readonly isFinal?: boolean
  readonly isCompressed?: boolean
  readonly mask?: readonly number[]
}

/** One frame on the wire. */
export function frame(opcode: number, payload: Buffer, options: FrameOptions = {}): Buffer {
  const { isFinal = true, isCompressed = false, mask } = options
  const { length } = payload
  const masked = mask === undefined ? 0 : 0x80
  const first = (isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0) | opcode
  const header =
    length < 126
      ? [first, masked | length]
      : length < 65_536
        ? [first, masked | 126, length >> 8, length & 255]
        : [
            first,
            masked | 127,
            0,
            0,
            0,
            0,
            length >>> 24,
            (length >> 16) & 255,
            (length >> 8) & 255,
            length & 255,
          ]
  if (mask === undefined) return Buffer.concat([Buffer.from(header), payload])
  const body = Buffer.from(payload.map((byte, index) => byte ^ (mask[index & 3] as number)))
  return Buffer.concat([Buffer.from([...header, ...mask]), body])
}

export function closePayload(code: number, reason = ''): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)])
}

/** Compresses messages one after the other as a sender with or without context takeover does. */
export function createDeflater(takesContextOver: boolean): (message: Buffer) => Buffer {
  let before = Buffer.alloc(0)
  return (message) => {
    const dictionary = before.subarray(Math.max(0, before.length - 32_768))
    const compressed = deflateRawSync(message, {
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(takesContextOver && dictionary.length > 0 && { dictionary }),
    })
    before = Buffer.concat([dictionary, message])
    return compressed.subarray(0, compressed.length - 4)
  }
}

/** Cuts bytes at the given places, in any order. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [...at, bytes.length].map((to, index) => Buffer.from(bytes.subarray(at[index - 1] ?? 0, to)))
}

/** Keeps every message that it wants. */
export class KeptMessages implements MessageReader {
  isDone = false
  readonly messages: Buffer[] = []
  readonly prefixes: Buffer[] = []
  readonly lost: string[] = []
  largestPart = 0
  readonly #isWanted: (prefix: Buffer) => boolean
  #parts: Buffer[] = []

  constructor(isWanted: (prefix: Buffer) => boolean = () => true) {
    this.#isWanted = isWanted
  }

  wants(bytes: Buffer, from: number, to: number): boolean {
    const prefix = Buffer.from(bytes.subarray(from, to))
    if (prefix.length > PREFIX_BYTES) throw new Error('a prefix that is too long')
    this.prefixes.push(prefix)
    return this.#isWanted(prefix)
  }

  write(bytes: Buffer, from: number, to: number): void {
    this.largestPart = Math.max(this.largestPart, to - from)
    this.#parts.push(Buffer.from(bytes.subarray(from, to)))
  }

  finish(): void {
    this.messages.push(Buffer.concat(this.#parts))
    this.#parts = []
  }

  lose(problem: string): void {
    this.#parts = []
    this.lost.push(problem)
  }
}
