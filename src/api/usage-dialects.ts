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

/** Path in the usage object, of one or two keys → figure. Of several paths to one figure, the deeper one counts. */
export type Spellings = Readonly<Record<string, Figure>>

/** One vendor's shape of a usage object. */
export interface Dialect {
  /** A usage object with a value under one of these keys is of this dialect. */
  readonly keys: readonly string[]
  readonly spellings: Spellings
}

/** OpenAI chat and compatible vendors. Cached tokens are inside the prompt's, under every spelling. */
const CHAT: Dialect = {
  keys: ['prompt_tokens', 'completion_tokens'],
  spellings: {
    prompt_tokens: 'input',
    completion_tokens: 'output',
    total_tokens: 'total',
    'prompt_tokens_details.cached_tokens': 'cache_read',
    'prompt_tokens_details.cache_write_tokens': 'cache_write',
    'prompt_tokens_details.audio_tokens': 'input_audio',
    'prompt_tokens_details.image_tokens': 'input_image',
    'prompt_tokens_details.text_tokens': 'input_text',
    'prompt_tokens_details.video_tokens': 'input_video',
    'completion_tokens_details.reasoning_tokens': 'reasoning',
    'completion_tokens_details.audio_tokens': 'output_audio',
    'completion_tokens_details.image_tokens': 'output_image',
    'completion_tokens_details.text_tokens': 'output_text',
    'completion_tokens_details.video_tokens': 'output_video',
    'completion_tokens_details.accepted_prediction_tokens': 'accepted_prediction',
    'completion_tokens_details.rejected_prediction_tokens': 'rejected_prediction',
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
}

/** Anthropic, recognised by its cache counters, in any family: they are not inside `input_tokens`. */
const ANTHROPIC: Dialect = {
  keys: ['cache_read_input_tokens', 'cache_creation_input_tokens'],
  spellings: {
    input_tokens: 'input',
    output_tokens: 'output',
    cache_read_input_tokens: 'cacheReadApart',
    cache_creation_input_tokens: 'cacheWriteApart',
  },
}

/** OpenAI responses, images and transcription (with `input_token_details`); Anthropic without a cache. */
const RESPONSES: Dialect = {
  keys: ['input_tokens', 'output_tokens', 'total_tokens'],
  spellings: {
    input_tokens: 'input',
    output_tokens: 'output',
    total_tokens: 'total',
    'input_tokens_details.cached_tokens': 'cache_read',
    'input_tokens_details.cache_write_tokens': 'cache_write',
    'input_tokens_details.audio_tokens': 'input_audio',
    'input_tokens_details.image_tokens': 'input_image',
    'input_tokens_details.text_tokens': 'input_text',
    'input_tokens_details.video_tokens': 'input_video',
    'input_token_details.cached_tokens': 'cache_read',
    'input_token_details.audio_tokens': 'input_audio',
    'input_token_details.image_tokens': 'input_image',
    'input_token_details.text_tokens': 'input_text',
    'output_tokens_details.reasoning_tokens': 'reasoning',
    'output_tokens_details.audio_tokens': 'output_audio',
    'output_tokens_details.image_tokens': 'output_image',
    'output_tokens_details.text_tokens': 'output_text',
    'output_tokens_details.video_tokens': 'output_video',
    'output_token_details.reasoning_tokens': 'reasoning',
    'output_token_details.audio_tokens': 'output_audio',
    'output_token_details.image_tokens': 'output_image',
    'output_token_details.text_tokens': 'output_text',
  },
}

/** In the order in which they are tried. */
export const DIALECTS: readonly Dialect[] = [CHAT, ANTHROPIC, RESPONSES]

/**
 * Other units of billing, as literally reported. Left out, because nothing is billed by them: `duration` and other
 * metadata of media, MiniMax's `total_characters` beside tokens, Perplexity's and xAI's source counts.
 */
export const UNITS: Spellings = {
  seconds: 'second',
  characters: 'character',
  images: 'image',
  generated_images: 'image',
  image_count: 'image',
  pages_processed: 'page',
}
export const UNIT_NAMES: readonly UsageUnit[] = ['image', 'second', 'character', 'page', 'tool_call']
const TOTALS: ReadonlySet<Figure> = new Set(['input', 'output', 'total', 'cacheReadApart', 'cacheWriteApart'])
/** Parts of the totals. */
export const DETAIL_NAMES = [
  ...new Set(DIALECTS.flatMap(({ spellings }) => Object.values(spellings))),
].filter((figure) => !TOTALS.has(figure)) as readonly TokenDetail[]
