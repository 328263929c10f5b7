/** Classes of bytes in JSON: between tokens, and at the beginning of a value. */

/** Bytes of the grammar. */
export const BYTE = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openArray: 0x5b,
  closeArray: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
  lineFeed: 0x0a,
} as const

/** White space between tokens. */
export const SPACE = new Uint8Array(256)
for (const byte of Buffer.from(' \t\r\n')) SPACE[byte] = 1
/** May stand before a document. */
export const BYTE_ORDER_MARK = Buffer.from('\uFEFF')
/** First bytes of a value. `NaN` and `Infinity` count: some servers print them in fields that are not read. */
export const BEGINS_VALUE = new Uint8Array(256)
for (const byte of Buffer.from('"{[-0123456789tfnNI')) BEGINS_VALUE[byte] = 1

/** The class of a text, an object, a list or `true`: see `SOME` in selection.ts. */
export const IS_SOME = 2
for (const byte of Buffer.from('"{[t')) BEGINS_VALUE[byte] = IS_SOME
