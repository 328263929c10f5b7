/**
 * Reads one direction of a WebSocket as its bytes pass (RFC 6455): frames in any split become parts of messages.
 * Only the header of a frame and the code of a close frame are kept.
 */

/** Receives what is read, in order. */
export interface FrameListener {
  /** A message begins. Returns false when its payload is to be skipped. */
  begin(isCompressed: boolean): boolean
  /**
   * `bytes[from, to)` of the message, unmasked. `isLast`: nothing follows. Borrowed until the call returns. False: the
   * rest of the message is of no interest, and is skipped.
   */
  payload(bytes: Buffer, from: number, to: number, isLast: boolean): boolean
  /** Also for a message whose payload was skipped. */
  end(): void
  /** A close frame; 1005 if it has no code. */
  close(code: number): void
}

const MAX_HEADER_BYTES = 14
const MASK_BYTES = 4
/** What is unmasked in one go: most of what an application sends is of interest at its beginning alone. */
const UNMASKED_BYTES = 512
const MAX_CONTROL_BYTES = 125
const NO_CODE = 1005
const CONTINUATION = 0
const TEXT = 1
const BINARY = 2
const CLOSE = 8
const FINAL = 0x80
const COMPRESSED = 0x40
const OTHER_EXTENSIONS = 0x30
const MASKED = 0x80

/** Reads the frames of one direction of a WebSocket. */
export class FrameReader {
  readonly #listener: FrameListener
  readonly #mayCompress: boolean
  readonly #header = Buffer.allocUnsafeSlow(MAX_HEADER_BYTES)
  #headerLength = 0
  #isBroken = false
  // The frame whose payload is being read.
  #isInPayload = false
  #isFinal = false
  #isControl = false
  /** Bytes of the payload that have not been read yet. */
  #left = 0
  #isMasked = false
  readonly #mask = Buffer.alloc(MASK_BYTES)
  /** Bytes of the payload that have been read. */
  #payloadAt = 0
  // The message whose frames are being read.
  #isInMessage = false
  #isWanted = false
  #close: number[] | undefined

  constructor(listener: FrameListener, mayCompress: boolean) {
    this.#listener = listener
    this.#mayCompress = mayCompress
  }

  /**
   * Reads the next bytes. A violation of the protocol ends the reading for good, without a message: the application's own
   * client reports it.
   */
  read(bytes: Buffer): void {
    const { length } = bytes
    let at = 0
    while (!this.#isBroken && at < length) {
      if (!this.#isInPayload) {
        at = this.#readHeader(bytes, at)
        if (!this.#isInPayload) continue
      }
      const to = Math.min(length, at + this.#left)
      this.#left -= to - at
      if (to > at) this.#readPayload(bytes, at, to)
      at = to
      if (this.#left === 0) this.#endFrame()
    }
  }

  /** Reads the header at `from`, or as much of it as there is, and gives where it ends. */
  #readHeader(bytes: Buffer, from: number): number {
    let at = from
    if (this.#headerLength === 0 && bytes.length - from >= MAX_HEADER_BYTES) {
      // Nearly all frames: read where it lies.
      at += headerLength(bytes, from)
      this.#beginFrame(bytes, from)
    } else {
      const header = this.#header
      let needed = this.#headerLength < 2 ? 2 : headerLength(header, 0)
      while (this.#headerLength < needed) {
        if (at === bytes.length) return at
        header[this.#headerLength++] = bytes[at++] as number
        if (this.#headerLength === 2) needed = headerLength(header, 0)
      }
      this.#headerLength = 0
      this.#beginFrame(header, 0)
    }
    // Nothing would follow an empty frame at the end of a chunk that could end it.
    if (this.#isInPayload && this.#left === 0) this.#endFrame()
    return at
  }

  #beginFrame(header: Buffer, at: number): void {
    const first = header[at] as number
    const second = header[at + 1] as number
    const opcode = first & 0x0f
    const shortLength = second & 0x7f
    this.#left =
      shortLength === 126
        ? header.readUInt16BE(at + 2)
        : shortLength === 127
          ? header.readUInt32BE(at + 2) * 2 ** 32 + header.readUInt32BE(at + 6)
          : shortLength
    this.#isFinal = (first & FINAL) !== 0
    this.#isControl = opcode >= CLOSE
    const isValid =
      (first & OTHER_EXTENSIONS) === 0 &&
      this.#left <= Number.MAX_SAFE_INTEGER &&
      (this.#isControl ? this.#isValidControl(first) : this.#isValidData(opcode, first))
    if (!isValid) {
      this.#isBroken = true
      return
    }
    this.#isInPayload = true
    this.#isMasked = (second & MASKED) !== 0
    if (this.#isMasked) header.copy(this.#mask, 0, at + headerLength(header, at) - MASK_BYTES)
    this.#payloadAt = 0
    if (this.#isControl) {
      this.#close = opcode === CLOSE ? [] : undefined
    } else if (opcode !== CONTINUATION) {
      this.#isInMessage = true
      this.#isWanted = this.#listener.begin((first & COMPRESSED) !== 0)
    }
  }

  #isValidControl(first: number): boolean {
    return this.#isFinal && this.#left <= MAX_CONTROL_BYTES && (first & COMPRESSED) === 0
  }

  #isValidData(opcode: number, first: number): boolean {
    const isCompressed = (first & COMPRESSED) !== 0
    if (opcode === CONTINUATION) return this.#isInMessage && !isCompressed
    return (
      (opcode === TEXT || opcode === BINARY) && !this.#isInMessage && (this.#mayCompress || !isCompressed)
    )
  }

  #readPayload(bytes: Buffer, from: number, to: number): void {
    if (this.#isControl) {
      if (this.#close !== undefined) this.#readClose(this.#close, bytes, from, to)
    } else if (this.#isWanted) {
      const isLast = this.#isFinal && this.#left === 0
      if (this.#isMasked) this.#readMasked(bytes, from, to, isLast)
      else this.#isWanted = this.#listener.payload(bytes, from, to, isLast)
    }
    this.#payloadAt += to - from
  }

  /** In copies: the bytes are the application's. */
  #readMasked(bytes: Buffer, from: number, to: number, isLast: boolean): void {
    for (let at = from; at < to && this.#isWanted; at += UNMASKED_BYTES) {
      const partTo = Math.min(at + UNMASKED_BYTES, to)
      const part = this.#unmask(bytes, at, partTo, this.#payloadAt + at - from)
      this.#isWanted = this.#listener.payload(part, 0, part.length, isLast && partTo === to)
    }
  }

  #readClose(close: number[], bytes: Buffer, from: number, to: number): void {
    const wanted = this.#unmask(bytes, from, Math.min(to, from + 2 - close.length), this.#payloadAt)
    for (const byte of wanted) close.push(byte)
  }

  /** A copy without the mask. `payloadAt`: where in the payload it begins. */
  #unmask(bytes: Buffer, from: number, to: number, payloadAt: number): Buffer {
    const part = Buffer.from(bytes.subarray(from, to))
    if (!this.#isMasked) return part
    const mask = this.#mask
    for (let index = 0; index < part.length; index++)
      part[index] = (part[index] as number) ^ (mask[(payloadAt + index) & 3] as number)
    return part
  }

  #endFrame(): void {
    this.#isInPayload = false
    if (this.#isControl) {
      const [high, low] = this.#close ?? []
      if (this.#close !== undefined)
        this.#listener.close(high === undefined || low === undefined ? NO_CODE : high * 256 + low)
      this.#close = undefined
    } else if (this.#isFinal) {
      this.#isInMessage = false
      this.#listener.end()
    }
  }
}

/** Of the header that begins at `at`, by its first two bytes. */
function headerLength(header: Buffer, at: number): number {
  const second = header[at + 1] as number
  const length = second & 0x7f
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + ((second & MASKED) === 0 ? 0 : MASK_BYTES)
}
