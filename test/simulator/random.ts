/** Randomness that repeats: the same seed gives the same numbers and identifiers. */
import { createHash } from 'node:crypto'

export interface Random {
  /** In [0, 1). */
  next(): number
  /** Whole number in [minimum, maximum]. */
  integer(minimum: number, maximum: number): number
  pick<T>(list: readonly T[]): T
  /** The form of `x-inference-id`: 21 characters of `A-Za-z0-9_-`. */
  nanoid(): string
  uuid(): string
  hex(length: number): string
  bytes(length: number): Buffer
}

const NANOID_ALPHABET = 'useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict'

/**
 * sfc32 over a SHA-256 of the seed. 128 bits of state: tens of thousands of streams still give identifiers
 * that never meet, which a 32-bit seed would not.
 */
export function createRandom(seed: string): Random {
  const digest = createHash('sha256').update(seed).digest()
  let a = digest.readUInt32LE(0)
  let b = digest.readUInt32LE(4)
  let c = digest.readUInt32LE(8)
  let counter = digest.readUInt32LE(12)

  function word(): number {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  const next = (): number => word() / 0x1_0000_0000
  const integer = (minimum: number, maximum: number): number =>
    minimum + Math.floor(next() * (maximum - minimum + 1))
  function hex(length: number): string {
    let text = ''
    while (text.length < length) text += word().toString(16).padStart(8, '0')
    return text.slice(0, length)
  }
  return {
    next,
    integer,
    hex,
    pick<T>(list: readonly T[]): T {
      const chosen = list[integer(0, list.length - 1)]
      if (chosen === undefined) throw new RangeError('pick: the list is empty')
      return chosen
    },
    nanoid() {
      let id = ''
      for (let index = 0; index < 21; index++) id += NANOID_ALPHABET[word() & 63]
      return id
    },
    uuid() {
      const digits = hex(32)
      return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`
    },
    bytes(length: number) {
      const buffer = Buffer.allocUnsafe(length)
      for (let index = 0; index < length; index++) buffer[index] = word() & 255
      return buffer
    },
  }
}
