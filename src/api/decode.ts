/**
 * Content codings (RFC 9110, section 8.4.1): encoded bytes → decoded bytes, bounded in memory and in work, and
 * not while the host waits. Small bodies are decoded in one step by `end`, which is called after the host has had its
 * response; larger ones by zlib's own threads while they arrive. The host never waits: a body that arrives faster than
 * it can be decoded is given up.
 */
import type { Transform } from 'node:stream'
import { CODINGS, type Coding } from './codings.ts'
import {
  FREE_DECODED_BYTES,
  MAX_CODINGS,
  MAX_COLLECTED_BYTES,
  MAX_DECODED_BYTES,
  MAX_DECODED_RATIO,
  MAX_WAITING_BYTES,
} from './limits.ts'
import { asBuffer, type BodyWriter } from './staged-body.ts'

export type DecodeFailure = 'too_large' | 'undecodable'

/** Decodes one body. */
export interface Decoder extends BodyWriter {
  /**
   * Decodes the rest, passes on everything that could be decoded, and returns what went wrong: at once for a small
   * body, else as a promise that never rejects. To be called once.
   */
  end(): DecodeFailure | undefined | Promise<DecodeFailure | undefined>
}

/** A decoder for a `content-encoding`; `undefined` when the body is not encoded. */
export function createDecoder(
  contentEncoding: string | undefined,
  onDecoded: (bytes: Buffer) => void,
): Decoder | undefined {
  if (contentEncoding === undefined) return undefined
  const names = contentEncoding.split(',', MAX_CODINGS + 1).map((name) => name.trim().toLowerCase())
  const applied = names.filter((name) => name !== '' && name !== 'identity')
  if (applied.length === 0) return undefined
  const codings = applied.map((name) => CODINGS.get(name))
  if (codings.length > MAX_CODINGS || !codings.every((coding) => coding !== undefined)) {
    // Passed on unchanged: the body may be plain nevertheless, and the application's client reads it as plain too.
    // It counts as undecodable all the same: what was read of it is provisional.
    return { write: (bytes) => onDecoded(asBuffer(bytes)), end: () => 'undecodable' }
  }
  // The last coding applied is the first to undo.
  return new ChainDecoder(codings.reverse(), onDecoded)
}

class ChainDecoder implements Decoder {
  readonly #codings: readonly Coding[]
  readonly #onDecoded: (bytes: Buffer) => void
  #collected = Buffer.alloc(0)
  #collectedBytes = 0
  #encodedBytes = 0
  #decodedBytes = 0
  #streams: readonly Transform[] | undefined
  #failure: DecodeFailure | undefined
  #isOver = false
  #finish: (() => void) | undefined

  constructor(codings: readonly Coding[], onDecoded: (bytes: Buffer) => void) {
    this.#codings = codings
    this.#onDecoded = onDecoded
  }

  write(bytes: Uint8Array): void {
    if (this.#isOver) return
    if (this.#collectedBytes + bytes.length > MAX_COLLECTED_BYTES) {
      this.#feed(this.#takeCollected())
      if (bytes.length > MAX_COLLECTED_BYTES) {
        this.#feed(Buffer.from(bytes))
        return
      }
    }
    const needed = this.#collectedBytes + bytes.length
    if (needed > this.#collected.length) {
      const grown = Buffer.allocUnsafeSlow(
        Math.min(Math.max(needed, this.#collected.length * 2), MAX_COLLECTED_BYTES),
      )
      grown.set(this.#collected.subarray(0, this.#collectedBytes))
      this.#collected = grown
    }
    this.#collected.set(bytes, this.#collectedBytes)
    this.#collectedBytes = needed
  }

  end(): DecodeFailure | undefined | Promise<DecodeFailure | undefined> {
    if (!this.#isOver && this.#streams === undefined && this.#isDecodedInOneStep()) this.#stop(undefined)
    if (this.#isOver) return this.#failure
    return new Promise((resolve) => {
      this.#finish = () => resolve(this.#failure)
      this.#feed(this.#takeCollected())
      this.#streams?.[0]?.end()
    })
  }

  #isDecodedInOneStep(): boolean {
    if (this.#collectedBytes === 0) return true
    try {
      let bytes: Buffer = this.#collected.subarray(0, this.#collectedBytes)
      for (const coding of this.#codings) bytes = coding.inOneStep(bytes, bytes[0])
      this.#onDecoded(bytes)
      return true
    } catch {
      // Too large for one step, or broken: a stream decodes what comes before the break.
      return false
    }
  }

  #takeCollected(): Buffer {
    const taken = this.#collected.subarray(0, this.#collectedBytes)
    this.#collected = Buffer.alloc(0)
    this.#collectedBytes = 0
    return taken
  }

  /** Takes ownership of the bytes. */
  #feed(bytes: Buffer): void {
    if (bytes.length === 0 || this.#isOver) return
    this.#encodedBytes += bytes.length
    this.#streams ??= this.#connect(bytes[0])
    const [first] = this.#streams as [Transform]
    if (first.writableLength + bytes.length > MAX_WAITING_BYTES) this.#stop('too_large')
    else first.write(bytes)
  }

  #connect(firstByte: number | undefined): readonly Transform[] {
    const streams = this.#codings.map((coding, index) => coding.asStream(index === 0 ? firstByte : undefined))
    for (const [index, stream] of streams.entries()) {
      const next = streams[index + 1]
      stream.on('error', () => this.#stop('undecodable'))
      stream.on('end', () => (next === undefined ? this.#stop(undefined) : next.end()))
      stream.on('data', (bytes: Buffer) => {
        if (!this.#count(bytes.length)) return
        if (next === undefined) this.#onDecoded(bytes)
        else if (!next.write(bytes)) {
          stream.pause()
          next.once('drain', () => stream.resume())
        }
      })
    }
    return streams
  }

  /** Counts the output of every coding: an inner one may expand without end. */
  #count(bytes: number): boolean {
    if (this.#isOver) return false
    this.#decodedBytes += bytes
    const isTooLarge =
      this.#decodedBytes > FREE_DECODED_BYTES && this.#decodedBytes > this.#encodedBytes * MAX_DECODED_RATIO
    if (!isTooLarge && this.#decodedBytes <= MAX_DECODED_BYTES) return true
    this.#stop('too_large')
    return false
  }

  #stop(failure: DecodeFailure | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#failure = failure
    this.#takeCollected()
    for (const stream of this.#streams ?? []) stream.destroy()
    this.#finish?.()
  }
}
