const nothing = new Uint8Array(0)

/**
 * The bytes of a chunk that an application writes: a string (encoded, UTF-8 by default), any view or any buffer
 * (not copied). Empty for everything else. Never throws.
 */
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
