/**
 * Bytes of a body, request or response, on their way to whoever reads them. Chunks are copied into one stage and read
 * when it is full or the body is over: a chunk costs one copy, and a body of usual size is read in one go.
 */
import { asBuffer } from './as-buffer.ts'
import { FIRST_STAGE_BYTES, MAX_STAGE_BYTES } from './limits.ts'

/** Where the bytes of a body go. */
export interface BodyWriter {
  /** Borrowed: nothing of the bytes is referenced afterwards. Never throws. */
  write(bytes: Uint8Array): void
}

/** One way to read a body. */
export interface BodyForm {
  /** Something was not well-formed or not complete. */
  readonly invalid: boolean
  /** Something that was looked for is longer than the limits. */
  readonly tooLarge: boolean
  /** Nothing of the body is read. */
  readonly isOpaque?: true
  /** What was read has to be seen again together with what follows: chunks cannot be read where they lie. */
  readonly looksBack?: true
  /** Reads `bytes[0, size)`. What has to be seen again is moved to the front: how much that is. */
  read(bytes: Buffer, size: number): number
  /** Reads the last bytes. */
  end(bytes: Buffer, size: number): void
}

/** A body that is not looked into. */
export const OPAQUE: BodyForm = { invalid: false, tooLarge: false, isOpaque: true, read: () => 0, end() {} }

const EMPTY = Buffer.alloc(0)
/** Full stages kept for the next streams: a new one is expensive, and few streams begin at once. */
const MAX_SPARE_STAGES = 8
const spareStages: Buffer[] = []

export abstract class StagedBody implements BodyWriter {
  #stage: Buffer = EMPTY
  #size = 0
  #form: BodyForm | undefined
  #hasBroken = false

  /** The form of a body that begins with these bytes; `undefined` as long as they do not show it. */
  protected abstract chooseForm(bytes: Buffer, size: number): BodyForm | undefined

  /** Something went wrong in here: what was read until then counts. */
  get hasBroken(): boolean {
    return this.#hasBroken
  }

  /** Chosen now, if the bytes so far tell. */
  get form(): BodyForm | undefined {
    return (this.#form ??= this.chooseForm(this.#stage, this.#size))
  }

  write(bytes: Uint8Array): void {
    const size = this.#size + bytes.length
    if (size < this.#stage.length) {
      this.#stage.set(bytes, this.#size)
      this.#size = size
    } else {
      this.#fill(bytes)
    }
  }

  /** Reads what is staged, without the end of the body. */
  protected readStage(): void {
    this.#guard(() => (this.#size = this.form?.read(this.#stage, this.#size) ?? 0))
  }

  /** The staged bytes, as long as nothing was read. */
  protected peekStage(): Buffer {
    return this.#stage.subarray(0, this.#size)
  }

  /** Nothing more comes. */
  protected endStage(): void {
    const stage = this.#stage
    this.#guard(() => this.form?.end(stage, this.#size))
    if (stage.length === MAX_STAGE_BYTES && spareStages.length < MAX_SPARE_STAGES) spareStages.push(stage)
    this.#stage = EMPTY
    this.#size = 0
  }

  /** Stages what does not fit as it is: a larger stage is needed, or the full one is read. */
  #fill(bytes: Uint8Array): void {
    if (this.#form?.isOpaque === true) return
    this.#guard(() => {
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

  /** Most bodies come in one chunk: the first stage is as long as that. A second chunk says that more will come. */
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

  #guard(step: () => void): void {
    if (this.#hasBroken) return
    try {
      step()
    } catch {
      this.#hasBroken = true
    }
  }
}
