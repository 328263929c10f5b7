/**
 * Buffers the bytes of a body, request or response, before they are read. Chunks are copied into one buffer, the stage,
 * which is read when it is full or the body has ended: a chunk costs one copy, and a body of usual size is read at once.
 */
import type { JsonSelector } from './json.ts'
import { FIRST_STAGE_BYTES, MAX_STAGE_BYTES } from './limits.ts'

/** A reader for one form of body. */
export interface BodyForm {
  /** What went wrong so far, where something can. */
  readonly selector?: Pick<JsonSelector, 'invalid' | 'tooLarge'> | undefined
  /** No more of the body is read. */
  readonly isOpaque?: boolean
  /** Bytes may have to be read again together with later ones: they must be staged, not read from the chunk. */
  readonly looksBack?: true
  /** Reads `bytes[0, size)`. Moves the bytes that must be read again to the front, and returns how many. */
  read(bytes: Buffer, size: number): number
  end(bytes: Buffer, size: number): void
}

/** The form of a body that is not read. */
export const OPAQUE: BodyForm = { isOpaque: true, read: () => 0, end() {} }

const EMPTY = Buffer.alloc(0)
/** Full-size stages kept for reuse: a new one is expensive, and few streams begin at once. */
const MAX_SPARE_STAGES = 8
const spareStages: Buffer[] = []

/** The stage of one body, and the form that reads it. */
export abstract class StagedBody {
  #stage: Buffer = EMPTY
  #size = 0
  #form: BodyForm | undefined
  /** A form has thrown: what was read until then counts. */
  hasBroken = false

  /** The form of a body that begins with these bytes; `undefined` while they do not show it. */
  protected abstract chooseForm(bytes: Buffer, size: number): BodyForm | undefined

  /** The form; chosen now if the bytes so far show it. */
  get form(): BodyForm | undefined {
    return (this.#form ??= this.chooseForm(this.#stage, this.#size))
  }

  /** Borrowed: nothing of the bytes is referenced afterwards. Never throws. */
  write(bytes: Uint8Array): void {
    const size = this.#size + bytes.length
    if (size < this.#stage.length) {
      this.#stage.set(bytes, this.#size)
      this.#size = size
    } else {
      this.#fill(bytes)
    }
  }

  /** Reads the staged bytes before the end of the body. */
  protected readStage(): void {
    this.#catch(() => (this.#size = this.form?.read(this.#stage, this.#size) ?? 0))
  }

  protected peekStage(): Buffer {
    return this.#stage.subarray(0, this.#size)
  }

  protected endStage(): void {
    const stage = this.#stage
    this.#catch(() => this.form?.end(stage, this.#size))
    if (stage.length === MAX_STAGE_BYTES && spareStages.length < MAX_SPARE_STAGES) spareStages.push(stage)
    this.#stage = EMPTY
    this.#size = 0
  }

  /** Stages a chunk that does not fit: grows the stage, or reads a full one. */
  #fill(bytes: Uint8Array): void {
    if (this.#form?.isOpaque === true) return
    this.#catch(() => {
      let from = 0
      while (from < bytes.length) from = this.#fillSome(bytes, from)
    })
  }

  #fillSome(bytes: Uint8Array, from: number): number {
    const rest = bytes.length - from
    if (this.#size === 0 && rest >= MAX_STAGE_BYTES) {
      const chunk = asBuffer(bytes).subarray(from)
      this.#form ??= this.chooseForm(chunk, rest)
      if (this.#form?.looksBack !== true) {
        this.#form?.read(chunk, rest)
        return bytes.length
      }
    }
    if (this.#size + rest > this.#stage.length) this.#grow(this.#size + rest)
    const to = Math.min(bytes.length, from + this.#stage.length - this.#size)
    this.#stage.set(to - from === bytes.length ? bytes : bytes.subarray(from, to), this.#size)
    this.#size += to - from
    if (this.#size === MAX_STAGE_BYTES) this.#size = this.form?.read(this.#stage, this.#size) ?? 0
    return to
  }

  /** Most bodies come in one chunk: the first stage has that size. After a second chunk, more are expected. */
  #grow(needed: number): void {
    const known = this.#stage.length
    if (known === MAX_STAGE_BYTES) return
    const wanted = known === 0 ? needed + 1 : Math.max(needed, known * 4, FIRST_STAGE_BYTES)
    const size = Math.min(wanted, MAX_STAGE_BYTES)
    const spare = size === MAX_STAGE_BYTES ? spareStages.pop() : undefined
    const grown = spare ?? Buffer.allocUnsafe(size)
    if (this.#size > 0) this.#stage.copy(grown, 0, 0, this.#size)
    this.#stage = grown
  }

  #catch(step: () => void): void {
    if (this.hasBroken) return
    try {
      step()
    } catch {
      this.hasBroken = true
    }
  }
}

/** The same memory as a Buffer, whose searches are several times faster than those of a Uint8Array. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
