const nothing = new Uint8Array(0)

/**
 * A chunk as applications write them, seen as bytes without copying where there is memory to look at:
 * strings (UTF-8 unless said otherwise), any view, any buffer. Empty for everything else. Never throws.
 */
export function toBytes(chunk: unknown, encoding?: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  try {
    if (typeof chunk === 'string') {
      return Buffer.from(
        chunk,
        typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8',
      )
    }
    if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (chunk instanceof ArrayBuffer || chunk instanceof SharedArrayBuffer) return new Uint8Array(chunk)
  } catch {
    // A detached buffer. The client is about to say so itself.
  }
  return nothing
}
