/** Body chunks in any form that clients write them, as bytes. */
const nothing = new Uint8Array(0)

/** The bytes of a string (UTF-8 by default), a view or a buffer (not copied); else none. Never throws. */
export function toBytes(chunk: unknown, encoding?: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  try {
    if (typeof chunk === 'string') {
      const known = typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8'
      return Buffer.from(chunk, known)
    }
    if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (chunk instanceof ArrayBuffer || chunk instanceof SharedArrayBuffer) return new Uint8Array(chunk)
  } catch {
    // A detached buffer: the client itself will throw.
  }
  return nothing
}
