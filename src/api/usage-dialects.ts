/** The spellings of `usage` as docs.aimlapi.com (2026-08) and the vendors document them: a new one is a line. */
import type { TokenDetail, UsageUnit } from '../types.ts'

/** The meaning of a number in a usage object. */
export type Figure =
  | 'input'
  | 'output'
  | 'total'
  /** Read from or written to a cache, and not inside `input` (Anthropic). */
  | 'cacheReadApart'
  | 'cacheWriteApart'
  | TokenDetail
  | UsageUnit

/** Keys of one object → figures. */
export type Spellings = Readonly<Record<string, Figure>>

/** One vendor's shape of a usage object. */
interface Dialect {
  /** A usage object with a value under one of these keys is of this dialect. */
  readonly keys: readonly string[]
  readonly spellings: Spellings
  /** Objects inside the usage object: their figures count before those of its own keys. */
  readonly details: Readonly<Record<string, Spellings>>
}

const INPUT_DETAILS: Spellings = {
  cached_tokens: 'cache_read',
  cache_write_tokens: 'cache_write',
  audio_tokens: 'input_audio',
  image_tokens: 'input_image',
  text_tokens: 'input_text',
  video_tokens: 'input_video',
}
const OUTPUT_DETAILS: Spellings = {
  reasoning_tokens: 'reasoning',
  audio_tokens: 'output_audio',
  image_tokens: 'output_image',
  text_tokens: 'output_text',
  video_tokens: 'output_video',
}

/** In the order in which they are tried. */
export const DIALECTS: readonly Dialect[] = [
  {
    // OpenAI chat and compatible vendors. Cached tokens are inside the prompt's, under every spelling.
    keys: ['prompt_tokens', 'completion_tokens'],
    spellings: {
      prompt_tokens: 'input',
      completion_tokens: 'output',
      // Gateways write one half of the names in the other spelling.
      input_tokens: 'input',
      output_tokens: 'output',
      total_tokens: 'total',
      // DeepSeek.
      prompt_cache_hit_tokens: 'cache_read',
      // Moonshot.
      cached_tokens: 'cache_read',
      // Perplexity.
      reasoning_tokens: 'reasoning',
      // Claude behind the chat endpoint.
      cache_read_input_tokens: 'cache_read',
      cache_creation_input_tokens: 'cache_write',
    },
    details: {
      prompt_tokens_details: INPUT_DETAILS,
      completion_tokens_details: {
        ...OUTPUT_DETAILS,
        accepted_prediction_tokens: 'accepted_prediction',
        rejected_prediction_tokens: 'rejected_prediction',
      },
    },
  },
  {
    // Anthropic, recognised by its cache counters, in any family: they are not inside `input_tokens`.
    keys: ['cache_read_input_tokens', 'cache_creation_input_tokens'],
    spellings: {
      input_tokens: 'input',
      output_tokens: 'output',
      cache_read_input_tokens: 'cacheReadApart',
      cache_creation_input_tokens: 'cacheWriteApart',
    },
    details: {},
  },
  {
    // OpenAI responses, images and transcription (with `input_token_details`); Anthropic without a cache.
    keys: ['input_tokens', 'output_tokens', 'total_tokens'],
    spellings: { input_tokens: 'input', output_tokens: 'output', total_tokens: 'total' },
    details: {
      input_tokens_details: INPUT_DETAILS,
      input_token_details: INPUT_DETAILS,
      output_tokens_details: OUTPUT_DETAILS,
      output_token_details: OUTPUT_DETAILS,
    },
  },
]

/** Other units of billing. Nothing is billed by media's `duration`, MiniMax's `total_characters` and counts of sources. */
export const UNITS: Spellings = {
  seconds: 'second',
  characters: 'character',
  images: 'image',
  generated_images: 'image',
  image_count: 'image',
  pages_processed: 'page',
}
export const UNIT_NAMES: readonly UsageUnit[] = ['image', 'second', 'character', 'page', 'tool_call']
const TABLES = DIALECTS.flatMap(({ details, spellings }) => [...Object.values(details), spellings])
const FIGURES = new Set(TABLES.flatMap((table) => Object.values(table)))
const TOTALS: ReadonlySet<Figure> = new Set(['input', 'output', 'total', 'cacheReadApart', 'cacheWriteApart'])
/** Parts of the totals. */
export const DETAIL_NAMES = [...FIGURES].filter((figure) => !TOTALS.has(figure)) as readonly TokenDetail[]
