/**
 * Decodes bodies, bounded in memory and in work, and not while the host waits: small ones in one step by `end`, larger ones
 * by zlib's own threads while they arrive. A body that arrives faster than it can be decoded is given up.
 */
import type { Transform } from 'node:stream'
import { CODINGS, type Coding } from './codings.ts'
import {
  FREE_DECODED_BYTES,
  MAX_CODINGS,
  MAX_DECODED_BYTES,
  MAX_DECODED_RATIO,
  MAX_WAITING_BYTES,
} from './limits.ts'
import { asBuffer, StagedBody, type BodyForm } from './staged-body.ts'

export type DecodeFailure = 'too_large' | 'undecodable'

export type Decoder = Pick<ChainDecoder, 'write' | 'end'>

/** A decoder for a `content-encoding`; `undefined` when the body is not encoded. */
export function createDecoder(encoding: string, onDecoded: (bytes: Buffer) => void): Decoder | undefined {
  const names = encoding.split(',', MAX_CODINGS + 1).map((name) => name.trim().toLowerCase())
  const applied = names.filter((name) => name !== '' && name !== 'identity')
  if (applied.length === 0) return undefined
  const codings = applied.map((name) => CODINGS.get(name))
  if (codings.length > MAX_CODINGS || !codings.every((coding) => coding !== undefined)) {
    // The body may be plain nevertheless. It counts as undecodable all the same: what was read of it is provisional.
    return { write: (bytes) => onDecoded(asBuffer(bytes)), end: () => 'undecodable' }
  }
  // The last coding applied is the first to undo.
  return new ChainDecoder(codings.reverse(), onDecoded)
}

class ChainDecoder extends StagedBody {
  readonly #codings: readonly Coding[]
  readonly #onDecoded: (bytes: Buffer) => void
  #encodedBytes = 0
  #decodedBytes = 0
  #streams: readonly Transform[] | undefined
  #failure: DecodeFailure | undefined
  #isOver = false
  #onOver: (() => void) | undefined

  constructor(codings: readonly Coding[], onDecoded: (bytes: Buffer) => void) {
    super()
    this.#codings = codings
    this.#onDecoded = onDecoded
  }

  /** Decodes the rest. Returns what went wrong: at once for a small body, else as a promise that never rejects. */
  end(): DecodeFailure | undefined | Promise<DecodeFailure | undefined> {
    this.endStage()
    if (this.hasBroken) this.#stop('undecodable')
    if (this.#isOver) return this.#failure
    return new Promise((resolve) => {
      this.#onOver = () => resolve(this.#failure)
    })
  }

  protected chooseForm(): BodyForm {
    return {
      read: (bytes, size) => this.#feed(bytes, size),
      end: (bytes, size) => {
        if (this.#streams === undefined && this.#isDecodedInOneStep(bytes, size)) this.#stop(undefined)
        this.#feed(bytes, size)
        this.#streams?.[0]?.end()
      },
    }
  }

  #isDecodedInOneStep(encoded: Buffer, size: number): boolean {
    if (size === 0) return true
    try {
      let bytes = encoded.subarray(0, size)
      for (const coding of this.#codings) bytes = coding.inOneStep(bytes)
      this.#onDecoded(bytes)
      return true
    } catch {
      // Too large for one step, or broken: a stream decodes what comes before the break.
      return false
    }
  }

  #feed(bytes: Buffer, size: number): number {
    if (this.#isOver) return 0
    this.#encodedBytes += size
    this.#streams ??= this.#connect(bytes[0])
    const [first] = this.#streams as [Transform]
    if (first.writableLength + size > MAX_WAITING_BYTES) this.#stop('too_large')
    else first.write(Buffer.from(bytes.subarray(0, size)))
    return 0
  }

  #connect(firstByte: number | undefined): readonly Transform[] {
    const streams = this.#codings.map((coding, index) => coding.asStream(index === 0 ? firstByte : undefined))
    for (const [index, stream] of streams.entries()) {
      const next = streams[index + 1]
      stream.on('error', () => this.#stop('undecodable'))
      stream.on('data', (bytes: Buffer) => this.#count(bytes.length))
      if (next !== undefined) stream.pipe(next)
    }
    const last = streams.at(-1)
    last?.on('end', () => this.#stop(undefined))
    last?.on('data', (bytes: Buffer) => {
      if (!this.#isOver) this.#onDecoded(bytes)
    })
    return streams
  }

  /** Counts the output of every coding: an inner one may expand without end. */
  #count(bytes: number): void {
    this.#decodedBytes += bytes
    const maxBytes = Math.max(FREE_DECODED_BYTES, this.#encodedBytes * MAX_DECODED_RATIO)
    if (this.#decodedBytes > Math.min(maxBytes, MAX_DECODED_BYTES)) this.#stop('too_large')
  }

  #stop(failure: DecodeFailure | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#failure = failure
    for (const stream of this.#streams ?? []) stream.destroy()
    this.#onOver?.()
  }
}
