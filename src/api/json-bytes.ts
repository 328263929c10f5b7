/** What bytes mean in JSON, between its tokens and where a value begins. */

/** Between tokens: white space. Before a document also the three bytes of a byte order mark. */
export const SPACE = new Uint8Array(256)
for (const byte of Buffer.from(' \t\r\n')) SPACE[byte] = 1
export const BYTE_ORDER_MARK = Buffer.from('\uFEFF')
/** What a value can begin with; `NaN` and `Infinity` among it, which some servers print where nobody looks. */
export const BEGINS_VALUE = new Uint8Array(256)
for (const byte of Buffer.from('"{[-0123456789tfnNI')) BEGINS_VALUE[byte] = 1

/** … and a text, an object, a list or `true` among it. */
export const IS_SOME = 2
for (const byte of Buffer.from('"{[t')) BEGINS_VALUE[byte] = IS_SOME
