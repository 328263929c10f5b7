/** Decodes permessage-deflate (RFC 7692), for the messages of a session that are read. */
import { constants, inflateRawSync, type ZlibOptions } from 'node:zlib'

/** How one direction is compressed. */
export interface Deflate {
  /** A message may refer to earlier ones: to read one, all have to be decoded. */
  readonly takesContextOver: boolean
}

/** How both directions of a session are compressed, by the handshake's response; `undefined`: not at all. */
export interface Compression {
  readonly received: Deflate
  readonly sent: Deflate
}

/** Compressed bytes of one message; clients refuse longer ones by default. */
export const MAX_COMPRESSED_BYTES = 1024 * 1024
/** Decoded bytes of one message. Decoding blocks the event loop: 4 MiB take about 10 ms. */
const MAX_INFLATED_BYTES = 4 * 1024 * 1024
/** The largest distance to which deflate refers back. */
const WINDOW_BYTES = 32 * 1024
/** What a sender removes from the end of each message (RFC 7692, section 7.2.1). */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff])
const NO_BYTES = Buffer.alloc(0)

/** Reads `sec-websocket-extensions` of the handshake's response. */
export function readCompression(extensions: string | undefined): Compression | undefined {
  if (extensions === undefined || !/\bpermessage-deflate\b/i.test(extensions)) return undefined
  return {
    received: { takesContextOver: !/\bserver_no_context_takeover\b/i.test(extensions) },
    sent: { takesContextOver: !/\bclient_no_context_takeover\b/i.test(extensions) },
  }
}

/** Decodes the messages of one direction, each in one step. Only a window is kept between them, no decoder. */
export class Inflater {
  readonly #takesContextOver: boolean
  #window: Buffer = NO_BYTES

  constructor({ takesContextOver }: Deflate) {
    this.#takesContextOver = takesContextOver
  }

  /** The whole message, or why it cannot be decoded. */
  inflate(compressed: Buffer): Buffer | 'too_large' | 'undecodable' {
    const options: ZlibOptions = {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: MAX_INFLATED_BYTES,
      ...(this.#window.length > 0 && { dictionary: this.#window }),
    }
    try {
      const inflated = inflateRawSync(Buffer.concat([compressed, TAIL]), options)
      if (this.#takesContextOver) this.#slide(inflated)
      return inflated
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'undecodable'
    }
  }

  /** Keeps a copy of the bytes that later messages may refer to; the message itself may be much larger. */
  #slide(inflated: Buffer): void {
    const kept = inflated.subarray(Math.max(0, inflated.length - WINDOW_BYTES))
    const before = this.#window.subarray(Math.max(0, this.#window.length + kept.length - WINDOW_BYTES))
    this.#window = Buffer.concat([before, kept])
  }
}

/** Decodes the beginning of a message from the beginning of its compressed form. Never throws. */
export function inflatePrefix(compressed: Buffer): Buffer {
  try {
    return inflateRawSync(compressed, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: MAX_INFLATED_BYTES,
    })
  } catch {
    return NO_BYTES
  }
}
