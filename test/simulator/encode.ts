/** Content encodings, flushed after each piece, so that a compressed stream still streams. */
import zlib from 'node:zlib'
import type { Piece } from './body.ts'

type Compressor = ReturnType<typeof zlib.createGzip>

const SYNC = { flush: zlib.constants.Z_SYNC_FLUSH }

const COMPRESSORS: Readonly<Record<string, () => Compressor>> = {
  gzip: () => zlib.createGzip(SYNC),
  'x-gzip': () => zlib.createGzip(SYNC),
  deflate: () => zlib.createDeflate(SYNC),
  'deflate-raw': () => zlib.createDeflateRaw(SYNC),
  br: () =>
    zlib.createBrotliCompress({
      flush: zlib.constants.BROTLI_OPERATION_FLUSH,
      params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 },
    }) as unknown as Compressor,
  ...zstd(),
}

/** Node 22.15 and later have it. */
function zstd(): Record<string, () => Compressor> {
  const create = (zlib as unknown as Record<string, unknown>)['createZstdCompress']
  return typeof create === 'function' ? { zstd: () => create.call(zlib) as Compressor } : {}
}

/** Encodings this runtime can really do. */
export const ENCODINGS = Object.keys(COMPRESSORS)

/** The header's value for an encoding: raw deflate goes by the name `deflate` too. */
export function encodingHeader(encoding: string): string {
  return encoding === 'deflate-raw' ? 'deflate' : encoding
}

async function compressed(compressor: Compressor, feed: () => void): Promise<Buffer> {
  const parts: Buffer[] = []
  const collect = (part: Buffer): void => void parts.push(part)
  compressor.on('data', collect)
  feed()
  await new Promise<void>((resolve) => compressor.flush(() => setImmediate(resolve)))
  compressor.off('data', collect)
  return Buffer.concat(parts)
}

/** The pieces, compressed; an encoding that this runtime does not know leaves them as they are. */
export async function* encode(pieces: Iterable<Piece>, encoding: string | undefined): AsyncGenerator<Piece> {
  const create = COMPRESSORS[encoding ?? '']
  if (create === undefined) return void (yield* pieces)
  const compressor = create()
  for (const { bytes, ...rest } of pieces) {
    yield { bytes: await compressed(compressor, () => void compressor.write(bytes)), ...rest }
  }
  const parts: Buffer[] = []
  compressor.on('data', (part: Buffer) => parts.push(part))
  await new Promise<void>((resolve) => {
    compressor.on('end', resolve)
    compressor.end()
  })
  yield { bytes: Buffer.concat(parts) }
}
