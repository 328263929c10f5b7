/** All limits on what is kept of a body. */

/** The most that one call keeps of a body that is not compressed. It follows from the limits below; a test measures it. */
export const MAX_CALL_BYTES = 64 * 1024

/** Bytes staged before they are read together. JSON within is parsed by `JSON.parse`; longer JSON is selected from. */
export const MAX_STAGE_BYTES = 16 * 1024
/** The smallest stage after growing. */
export const FIRST_STAGE_BYTES = 1024
/** Events: the newest bytes that stay staged when the stage is full, so that the last events are seen together. */
export const KEPT_STAGE_BYTES = 4 * 1024
/** Events: data up to this size is parsed by `JSON.parse`. */
export const MAX_SMALL_BYTES = 4 * 1024
/** One captured JSON value (a usage object, a model name). A longer one is dropped and reported as too large. */
export const MAX_VALUE_BYTES = 16 * 1024
/** All captured values of one JSON document or SSE event together. */
export const MAX_DOCUMENT_VALUES_BYTES = 32 * 1024
/** Elements read of one JSON array, e.g. choices. Later ones are skipped. */
export const MAX_ARRAY_ITEMS = 128
/** Bytes of one object key; longer keys match no name that is looked for. */
export const MAX_KEY_BYTES = 128
/** Multipart: bytes of one part's headers, and of the value of the field looked for. */
export const MAX_PART_BYTES = 2 * 1024

/** Characters of a model name; the rest is cut. */
export const MAX_MODEL_LENGTH = 200
/** Characters of an id; a longer one is ignored. */
export const MAX_ID_LENGTH = 256
/** Ids kept of one response. */
export const MAX_IDS = 8
/** Characters of a finish reason, an encoding format, a reasoning level or a stop sequence. */
export const MAX_WORD_LENGTH = 64
/** Stop sequences and encoding formats kept of one request. */
export const MAX_WORDS = 16

/** Decoded size up to which a compressed body that fits into the stage is decoded in one step; others by a stream. */
export const MAX_ONE_STEP_BYTES = 1024 * 1024
/** Compressed bytes waiting for the decoder. The host never waits for us: with more, the body is too large. */
export const MAX_WAITING_BYTES = 4 * 1024 * 1024
/** Decoded bytes of one body. */
export const MAX_DECODED_BYTES = 1024 * 1024 * 1024
/** A body of more than `FREE_DECODED_BYTES` decoded bytes may be at most this many times its encoded size. */
export const MAX_DECODED_RATIO = 250
export const FREE_DECODED_BYTES = 8 * 1024 * 1024
/** Content codings of one body. RFC 9110 sets no limit; a longer list is an attack. */
export const MAX_CODINGS = 5
