/** Parts of messages → the whole messages that the reader wants. */
import type { FrameListener } from './websocket-frames.ts'
import { inflatePrefix, Inflater, MAX_COMPRESSED_BYTES, type Deflate } from './websocket-deflate.ts'
import { PREFIX_BYTES, type MessageReader } from './websocket.ts'

/** What is done with the bytes of the current message. */
type Step = 'peek' | 'write' | 'collect' | 'skip'

/** Passes the messages of one direction to their reader. */
export class Messages implements FrameListener {
  readonly #reader: MessageReader
  readonly #deflate: Deflate | undefined
  readonly #inflater: Inflater | undefined
  readonly #onClose: (code: number) => void
  /** The beginning of a message that arrived in pieces. */
  readonly #prefix = Buffer.allocUnsafeSlow(PREFIX_BYTES)
  #prefixLength = 0
  #step: Step = 'skip'
  #isCompressed = false
  #collected: Buffer[] = []
  #collectedBytes = 0
  /** A message was lost to which the following ones refer: they cannot be decoded. */
  #isLost = false

  constructor(reader: MessageReader, deflate: Deflate | undefined, onClose: (code: number) => void) {
    this.#reader = reader
    this.#deflate = deflate
    this.#inflater = deflate === undefined ? undefined : new Inflater(deflate)
    this.#onClose = onClose
  }

  begin(isCompressed: boolean): boolean {
    this.#prefixLength = 0
    this.#isCompressed = isCompressed
    if (this.#isLost || this.#reader.isDone) this.#step = 'skip'
    else this.#step = isCompressed && this.#deflate?.takesContextOver === true ? 'collect' : 'peek'
    return this.#step !== 'skip'
  }

  payload(bytes: Buffer, from: number, to: number, isLast: boolean): boolean {
    const at = this.#step === 'peek' ? this.#peek(bytes, from, to, isLast) : from
    if (this.#step === 'write' && at < to) this.#reader.write(bytes, at, to)
    else if (this.#step === 'collect' && at < to) this.#collect(bytes, at, to)
    return this.#step !== 'skip'
  }

  end(): void {
    // The last frame was empty.
    if (this.#step === 'peek') this.#decidePrefix()
    if (this.#step === 'write') this.#reader.finish()
    else if (this.#step === 'collect') this.#inflate()
    this.#drop()
  }

  close(code: number): void {
    this.#onClose(code)
  }

  /** Returns the position up to which the bytes were used. */
  #peek(bytes: Buffer, from: number, to: number, isLast: boolean): number {
    if (this.#prefixLength === 0 && (isLast || to - from >= PREFIX_BYTES)) {
      // Nearly all messages: their beginning is in this chunk.
      this.#decide(bytes, from, Math.min(to, from + PREFIX_BYTES))
      return from
    }
    const used = Math.min(to, from + PREFIX_BYTES - this.#prefixLength)
    this.#prefixLength += bytes.copy(this.#prefix, this.#prefixLength, from, used)
    if (this.#prefixLength === PREFIX_BYTES || isLast) this.#decidePrefix()
    return used
  }

  #decidePrefix(): void {
    this.#decide(this.#prefix, 0, this.#prefixLength)
    if (this.#step === 'write') this.#reader.write(this.#prefix, 0, this.#prefixLength)
    else if (this.#step === 'collect') this.#collect(this.#prefix, 0, this.#prefixLength)
  }

  #decide(bytes: Buffer, from: number, to: number): void {
    if (this.#isCompressed) {
      const beginning = inflatePrefix(bytes.subarray(from, to))
      const length = Math.min(beginning.length, PREFIX_BYTES)
      this.#step = this.#reader.wants(beginning, 0, length) ? 'collect' : 'skip'
    } else {
      this.#step = this.#reader.wants(bytes, from, to) ? 'write' : 'skip'
    }
  }

  #collect(bytes: Buffer, from: number, to: number): void {
    this.#collectedBytes += to - from
    if (this.#collectedBytes > MAX_COMPRESSED_BYTES) this.#lose('too_large')
    else this.#collected.push(Buffer.from(bytes.subarray(from, to)))
  }

  #inflate(): void {
    const message = this.#inflater?.inflate(Buffer.concat(this.#collected))
    if (message === undefined) return
    if (typeof message === 'string') this.#lose(message)
    else if (
      // Where every message is decoded, `wants` is called after decoding.
      this.#deflate?.takesContextOver !== true ||
      this.#reader.wants(message, 0, Math.min(message.length, PREFIX_BYTES))
    ) {
      this.#reader.write(message, 0, message.length)
      this.#reader.finish()
    }
  }

  #lose(problem: 'too_large' | 'undecodable'): void {
    this.#step = 'skip'
    this.#isLost = this.#deflate?.takesContextOver === true
    this.#drop()
    this.#reader.lose(problem)
  }

  #drop(): void {
    if (this.#collectedBytes === 0) return
    this.#collected = []
    this.#collectedBytes = 0
  }
}
