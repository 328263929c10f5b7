import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { array, assert, asyncProperty, constantFrom, integer, string, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createDecoder, type DecodeFailure } from '../../../src/api/decode.ts'
import { FREE_DECODED_BYTES, MAX_DECODED_RATIO } from '../../../src/api/limits.ts'
import { cut, lend } from './reading.ts'

interface Decoded {
  readonly bytes: Buffer
  readonly failure: DecodeFailure | undefined
}

async function decode(encoding: string, body: Uint8Array, sizes: readonly number[] = []): Promise<Decoded> {
  const pieces: Buffer[] = []
  const decoder = createDecoder(encoding, (bytes) => pieces.push(Buffer.from(bytes)))
  if (decoder === undefined) throw new Error('not encoded')
  for (const chunk of cut(body, sizes)) lend(chunk, (bytes) => decoder.write(bytes as Buffer))
  const failure = await decoder.end()
  return { bytes: Buffer.concat(pieces), failure }
}

type Encode = (bytes: Uint8Array) => Buffer
const fastBrotli: Encode = (bytes) =>
  zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } })
/** Node has it since 22.15; the types of Node 20 have not. */
const { zstdCompressSync } = zlib as { zstdCompressSync?: Encode }
const ENCODERS: [name: string, encode: Encode][] = [
  ['gzip', zlib.gzipSync],
  ['x-gzip', zlib.gzipSync],
  ['GZIP', zlib.gzipSync],
  ['deflate', zlib.deflateSync],
  ['deflate', zlib.deflateRawSync],
  ['br', fastBrotli],
  ['gzip, br', (bytes) => fastBrotli(zlib.gzipSync(bytes))],
  ['br, identity,, gzip', (bytes) => zlib.gzipSync(fastBrotli(bytes))],
  [
    'gzip,gzip,gzip,gzip,gzip',
    (bytes) => [1, 2, 3, 4, 5].reduce<Buffer>((inner) => zlib.gzipSync(inner), Buffer.from(bytes)),
  ],
  ...(zstdCompressSync === undefined ? [] : [['zstd', zstdCompressSync] as [string, Encode]]),
]
const SMALL = Buffer.from('{"usage":{"prompt_tokens":12}}')
/** Not very compressible, and larger than what is decoded in one step. */
const LARGE = Buffer.from(
  Array.from({ length: 200_000 }, (_, index) => `${(index * 7919) % 1_000_003};`).join(''),
)

describe('a decoder', () => {
  it.each(ENCODERS)('undoes %s, of any size and in any split', async (encoding, encode) => {
    for (const body of [Buffer.alloc(0), SMALL, LARGE]) {
      const encoded = encode(body)
      for (const sizes of [[], [1, 10, 100, 5000], [40_000]]) {
        const { bytes, failure } = await decode(encoding, encoded, sizes)
        expect(failure).toBeUndefined()
        expect(bytes.equals(body)).toBe(true)
      }
    }
  })

  it('is not needed for bytes that are what they are', () => {
    for (const encoding of ['', 'identity', ' Identity , ']) {
      expect(createDecoder(encoding, () => {})).toBeUndefined()
    }
  })

  it('of no bytes has nothing to complain of', async () => {
    expect(await decode('gzip', Buffer.alloc(0))).toEqual({ bytes: Buffer.alloc(0), failure: undefined })
  })

  it.each(ENCODERS.filter(([encoding]) => !encoding.includes(',')))(
    'gives the beginning of a %s body that was cut off',
    async (encoding, encode) => {
      const encoded = encode(LARGE)
      for (const end of [encoded.length >> 1, encoded.length - 3]) {
        const { bytes, failure } = await decode(encoding, encoded.subarray(0, end), [30_000])
        expect(failure).toBeUndefined()
        expect(bytes.length).toBeGreaterThan(LARGE.length / 4)
        expect(LARGE.subarray(0, bytes.length).equals(bytes)).toBe(true)
      }
    },
  )

  it('gives what came before the place where a body is broken', async () => {
    const encoded = Buffer.concat([zlib.gzipSync(LARGE), Buffer.from('no second member')])
    const { bytes, failure } = await decode('gzip', encoded, [30_000])
    expect(failure).toBe('undecodable')
    expect(bytes.length).toBeGreaterThan(LARGE.length / 2)
  })

  it.each(['gzip', 'deflate', 'br', 'gzip, br'])('cannot read as %s what is none', async (encoding) => {
    for (const body of [SMALL, LARGE]) expect((await decode(encoding, body)).failure).toBe('undecodable')
  })

  it.each(['compress', 'aws-chunked', 'gzip, nonsense', 'gzip,gzip,gzip,gzip,gzip,gzip'])(
    'does not know %s, and hands the bytes on: the coding may only be claimed',
    async (encoding) => {
      expect(await decode(encoding, SMALL, [7])).toEqual({ bytes: SMALL, failure: 'undecodable' })
    },
  )

  it.each([
    ['gzip', promisify(zlib.gzip)],
    ['br', async (bytes: Buffer) => fastBrotli(bytes)],
    ['gzip, gzip', async (bytes: Buffer) => zlib.gzipSync(zlib.gzipSync(bytes))],
  ])('gives a bomb of %s up, long before it is through', async (encoding, encode) => {
    const encoded = await encode(Buffer.alloc(40_000_000))
    const { bytes, failure } = await decode(encoding, encoded, [16_384])
    expect(failure).toBe('too_large')
    expect(bytes.length).toBeLessThan(
      Math.max(FREE_DECODED_BYTES, encoded.length * MAX_DECODED_RATIO) + 100_000,
    )
  })

  it('gives a bomb up that hides in an inner coding', async () => {
    const empty = zlib.gzipSync(Buffer.alloc(0))
    const encoded = zlib.gzipSync(Buffer.alloc(12_000_000, empty))
    expect(await decode('gzip, gzip', encoded)).toEqual({ bytes: Buffer.alloc(0), failure: 'too_large' })
  })

  it('gives up a body that comes faster than it can be decoded, instead of keeping it', async () => {
    const noise = Buffer.from(Array.from({ length: 5_000_000 }, (_, index) => (index * 2_654_435_761) >>> 24))
    const { failure } = await decode('gzip', zlib.gzipSync(noise, { level: 0 }), [100_000])
    expect(failure).toBe('too_large')
  })

  it('of any bytes fails or not, and never throws', async () => {
    const magic = constantFrom([0x1f, 0x8b, 8, 0], [0x78, 0x9c], [0x28, 0xb5, 0x2f, 0xfd], [])
    await assert(
      asyncProperty(
        constantFrom('gzip', 'deflate', 'br', 'zstd', 'gzip, br'),
        magic,
        uint8Array({ maxLength: 200 }),
        array(integer({ min: 1, max: 50 })),
        async (encoding, start, rest, sizes) => {
          const { failure } = await decode(encoding, Buffer.concat([Buffer.from(start), rest]), sizes)
          expect([undefined, 'undecodable']).toContain(failure)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('takes any header', async () => {
    await assert(
      asyncProperty(string({ maxLength: 40 }), async (encoding) => {
        const decoder = createDecoder(encoding, () => {})
        decoder?.write(SMALL)
        expect([undefined, 'undecodable']).toContain(await decoder?.end())
      }),
    )
  })
})
