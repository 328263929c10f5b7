/**
 * Reads one direction of a WebSocket as its bytes pass (RFC 6455): frames in any split become parts of messages.
 * Only the header of a frame and the code of a close frame are kept.
 */

/** Receives what is read, in order. */
export interface FrameListener {
  /** A message begins. Returns false when its payload is to be skipped. */
  begin(isCompressed: boolean): boolean
  /** `bytes[from, to)` of the message, unmasked. `isLast`: nothing follows. Borrowed until the call returns. */
  payload(bytes: Buffer, from: number, to: number, isLast: boolean): void
  /** Also for a message whose payload was skipped. */
  end(): void
  /** A close frame; 1005 if it has no code. */
  close(code: number): void
}

const MAX_HEADER_BYTES = 14
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
  /** Position of the mask in the header; 0: not masked. */
  #maskAt = 0
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

  #readHeader(bytes: Buffer, from: number): number {
    const header = this.#header
    let at = from
    let needed = this.#headerLength < 2 ? 2 : headerLength(header)
    while (this.#headerLength < needed) {
      if (at === bytes.length) return at
      header[this.#headerLength++] = bytes[at++] as number
      if (this.#headerLength === 2) needed = headerLength(header)
    }
    this.#headerLength = 0
    this.#beginFrame(header, needed)
    // An empty frame at the end of a chunk is ended here: no later byte would do it.
    if (this.#isInPayload && this.#left === 0) this.#endFrame()
    return at
  }

  #beginFrame(header: Buffer, headerBytes: number): void {
    const [first = 0, second = 0] = header
    const opcode = first & 0x0f
    const shortLength = second & 0x7f
    this.#left =
      shortLength === 126
        ? header.readUInt16BE(2)
        : shortLength === 127
          ? header.readUInt32BE(2) * 2 ** 32 + header.readUInt32BE(6)
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
    this.#maskAt = (second & MASKED) === 0 ? 0 : headerBytes - 4
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
      if (this.#maskAt === 0) this.#listener.payload(bytes, from, to, isLast)
      else this.#listener.payload(this.#unmask(bytes, from, to), 0, to - from, isLast)
    }
    this.#payloadAt += to - from
  }

  #readClose(close: number[], bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to && close.length < 2; at++)
      close.push((bytes[at] as number) ^ this.#maskOf(this.#payloadAt + at - from))
  }

  /** Works on a copy: the bytes belong to the application. */
  #unmask(bytes: Buffer, from: number, to: number): Buffer {
    const unmasked = Buffer.allocUnsafe(to - from)
    for (let index = 0; index < unmasked.length; index++)
      unmasked[index] = (bytes[from + index] as number) ^ this.#maskOf(this.#payloadAt + index)
    return unmasked
  }

  #maskOf(index: number): number {
    return this.#maskAt === 0 ? 0 : (this.#header[this.#maskAt + (index & 3)] as number)
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

function headerLength(header: Buffer): number {
  const second = header[1] as number
  const length = second & 0x7f
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + ((second & MASKED) === 0 ? 0 : 4)
}
