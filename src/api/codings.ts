/** The content codings that can be decoded (RFC 9110, section 8.4.1; zstd: RFC 9659), each in one step or as a stream. */
import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { MAX_ONE_STEP_BYTES } from './limits.ts'

/** One content coding. `first` is the first encoded byte, where it is known. */
export type Coding = ReturnType<typeof coding>

/** With these options, a body that was cut off is decoded up to the break. */
const ZLIB_OPTIONS = { finishFlush: zlib.constants.Z_SYNC_FLUSH }
const BROTLI_OPTIONS = { finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH }

const GZIP = coding(zlib.gunzipSync, zlib.createGunzip, ZLIB_OPTIONS)
const BROTLI = coding(zlib.brotliDecompressSync, zlib.createBrotliDecompress, BROTLI_OPTIONS)
const ZLIB = coding(zlib.inflateSync, zlib.createInflate, ZLIB_OPTIONS)
const RAW = coding(zlib.inflateRawSync, zlib.createInflateRaw, ZLIB_OPTIONS)
/** By the RFC in zlib format; some servers leave out its header of two bytes. */
const DEFLATE: Coding = {
  inOneStep: (bytes) => (isRawDeflate(bytes[0]) ? RAW : ZLIB).inOneStep(bytes),
  asStream: (first) => (isRawDeflate(first) ? RAW : ZLIB).asStream(first),
}

/** Zstandard, in runtimes that have it: Node 22.15 and 23.8 on. */
interface ZstdLibrary {
  zstdDecompressSync(bytes: Buffer, options: object): Buffer
  createZstdDecompress(options: object): Transform
}

/** Content codings by their names in `content-encoding`, in lower case. */
export const CODINGS: ReadonlyMap<string, Coding> = new Map([
  ['gzip', GZIP],
  ['x-gzip', GZIP],
  ['deflate', DEFLATE],
  ['br', BROTLI],
  ...('createZstdDecompress' in zlib ? [['zstd', createZstd(zlib as unknown as ZstdLibrary)] as const] : []),
])

function isRawDeflate(firstByte: number | undefined): boolean {
  return firstByte !== undefined && (firstByte & 0x0f) !== 0x08
}

function createZstd(zstd: ZstdLibrary): Coding {
  // `ZSTD_e_flush`; `ZSTD_d_windowLogMax` of 8 MiB, by RFC 9659: a larger window would let the sender choose our memory.
  return coding(zstd.zstdDecompressSync, zstd.createZstdDecompress, { finishFlush: 1, params: { 100: 23 } })
}

function coding<Options extends object>(
  decode: (bytes: Buffer, options: Options) => Buffer,
  createStream: (options: Options) => Transform,
  options: Options,
) {
  return {
    inOneStep: (bytes: Buffer): Buffer => decode(bytes, { ...options, maxOutputLength: MAX_ONE_STEP_BYTES }),
    asStream: (_first: number | undefined): Transform => createStream(options),
  }
}
