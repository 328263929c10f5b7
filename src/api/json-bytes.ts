/** Classes of bytes in JSON: between tokens, and at the beginning of a value. */

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
