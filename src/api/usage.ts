/**
 * The many spellings of `usage` → one Usage. Tables of the documented vendor shapes (docs.aimlapi.com, 2026-08,
 * and the vendors' own API references); a new spelling is a line in one of them.
 *
 * A body may say its usage in parts (Anthropic streams: input first, output later), so figures are collected
 * first and normalised when the body is over. They only grow: of a figure said several times the largest counts,
 * because streams repeat theirs as zeros, and a running total never shrinks.
 */
import type { TokenDetail, Usage, UsageUnit } from '../types.ts'
import type { Writable } from '../writable.ts'
import { readAmount, readCount } from './numbers.ts'

/** What a number in a usage object stands for. */
type Figure =
  | 'input'
  | 'output'
  | 'total'
  /** Read from or written to a cache, and not inside `input` (Anthropic). */
  | 'cacheReadApart'
  | 'cacheWriteApart'
  | TokenDetail
  | UsageUnit

type Figures = { [name in Figure]?: number }

/** A Usage while it is put together. */
export type WritableUsage = Writable<Usage>

/** Path in the usage object, of one or two keys → figure. Of several to one figure the more detailed counts. */
type Spellings = Readonly<Record<string, Figure>>

interface Dialect {
  /** Spoken by a usage object that has a value under one of these keys. */
  readonly spokenBy: readonly string[]
  readonly spellings: Spellings
}

/** OpenAI chat and everybody who imitates it. Cached tokens are inside the prompt's, whoever names them. */
const CHAT: Dialect = {
  spokenBy: ['prompt_tokens', 'completion_tokens'],
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

/** Anthropic, told by its cache counters in whichever family: they stand beside `input_tokens`, not inside. */
const ANTHROPIC: Dialect = {
  spokenBy: ['cache_read_input_tokens', 'cache_creation_input_tokens'],
  spellings: {
    input_tokens: 'input',
    output_tokens: 'output',
    cache_read_input_tokens: 'cacheReadApart',
    cache_creation_input_tokens: 'cacheWriteApart',
  },
}

/** OpenAI responses, images and transcription (which says `input_token_details`); Anthropic without a cache. */
const RESPONSES: Dialect = {
  spokenBy: ['input_tokens', 'output_tokens', 'total_tokens'],
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

/** In the order in which a usage object is asked whether it speaks them. */
const DIALECTS: readonly Dialect[] = [CHAT, ANTHROPIC, RESPONSES]

/**
 * What is billed by other units, as literally said. Not here, because nothing is billed by them: `duration` and
 * other metadata of media, MiniMax's `total_characters` beside tokens, Perplexity's and xAI's source counts.
 */
const UNITS: Spellings = {
  seconds: 'second',
  characters: 'character',
  images: 'image',
  generated_images: 'image',
  image_count: 'image',
  pages_processed: 'page',
}
const UNIT_NAMES: readonly UsageUnit[] = ['image', 'second', 'character', 'page', 'tool_call']
const DETAIL_NAMES: readonly TokenDetail[] = [
  'cache_read',
  'cache_write',
  'reasoning',
  'input_audio',
  'input_image',
  'input_text',
  'input_video',
  'output_audio',
  'output_image',
  'output_text',
  'output_video',
  'accepted_prediction',
  'rejected_prediction',
]

/** Keys of one object, the usage object itself or one inside it. The most important come first. */
interface Rows {
  readonly parent: string | undefined
  readonly figures: readonly { readonly key: string; readonly figure: Figure; readonly bit: number }[]
}

/** One bit for each figure, so that what one usage object has said is one number. */
const figureBits = new Map<Figure, number>()

const dialects = DIALECTS.map(({ spokenBy, spellings }) => ({ spokenBy, rows: compileRows(spellings) }))
const unitRows = compileRows(UNITS)

/** What all usage objects of one body say together. */
export class UsageFigures {
  readonly #figures: Figures = {}
  /** Totals and units that were something else than a number. */
  #unreadable: Set<Figure> | undefined
  #isMalformed = false

  /**
   * Something that counts (tokens, units) was said only as what is no number: a text, a negative, a fraction of a
   * token. Details do not count: they are parts of totals.
   */
  get isUnreadable(): boolean {
    if (this.#isMalformed) return true
    if (this.#unreadable === undefined) return false
    for (const figure of this.#unreadable) {
      const isNeeded = figure !== 'total' || this.#figures.input === undefined
      if (isNeeded && this.#figures[figure] === undefined) return true
    }
    return false
  }

  /** Adds what a usage object says (`usage`, `usage_info`). */
  add(usage: unknown): void {
    if (usage === undefined || usage === null) return
    // A cancelled batch answers `usage: []`.
    if (typeof usage !== 'object' || Array.isArray(usage)) {
      if (!Array.isArray(usage) || usage.length > 0) this.#isMalformed = true
      return
    }
    const fields = usage as Record<string, unknown>
    const dialect = findDialect(fields)
    if (dialect !== undefined) this.#addRows(fields, dialect.rows, readCount)
    this.#addRows(fields, unitRows, readAmount)
    this.addToolCalls(fields['server_side_tool_usage'])
  }

  /** Adds calls of tools that ran at the API's side, as `{ name: count }`: the names are the vendors', the sum is ours. */
  addToolCalls(counts: unknown): void {
    if (typeof counts !== 'object' || counts === null) return
    let sum = 0
    for (const count of Object.values(counts)) sum += readCount(count) ?? 0
    if (sum > 0) this.#grow('tool_call', sum)
  }

  /** All of it as Usage, by the counting rules (docs/counting.md). */
  summarize(): WritableUsage {
    const figures = this.#figures
    const usage: WritableUsage = {}
    const inputTokens = sumInput(figures)
    if (inputTokens !== undefined) usage.inputTokens = inputTokens
    const outputTokens = sumOutput(figures)
    if (outputTokens !== undefined) usage.outputTokens = outputTokens
    const details = pick(DETAIL_NAMES, figures)
    const { cacheReadApart, cacheWriteApart } = figures
    if (cacheReadApart !== undefined) details.cache_read = cacheReadApart
    if (cacheWriteApart !== undefined) details.cache_write = cacheWriteApart
    if (!isEmpty(details)) usage.details = details
    const units = pick(UNIT_NAMES, figures)
    if (!isEmpty(units)) usage.units = units
    return usage
  }

  #addRows(
    fields: Record<string, unknown>,
    rows: readonly Rows[],
    read: (value: unknown) => number | undefined,
  ): void {
    let said = 0
    for (const { parent, figures } of rows) {
      const holder = parent === undefined ? fields : fields[parent]
      if (typeof holder !== 'object' || holder === null) continue
      for (const { key, figure, bit } of figures) {
        const value = (holder as Record<string, unknown>)[key]
        if (value === undefined || value === null) continue
        const number = read(value)
        if (number === undefined) {
          if (!isDetail(figure)) (this.#unreadable ??= new Set()).add(figure)
        } else if ((said & bit) === 0) {
          said |= bit
          this.#grow(figure, number)
        }
      }
    }
  }

  #grow(figure: Figure, number: number): void {
    const known = this.#figures[figure]
    if (known === undefined || number > known) this.#figures[figure] = number
  }
}

/** Prompt tokens with cached ones; where only a total is said (embeddings), all of it is input. */
function sumInput(figures: Figures): number | undefined {
  const { input, output, total, cacheReadApart = 0, cacheWriteApart = 0 } = figures
  if (input !== undefined) return safeSum(input, cacheReadApart + cacheWriteApart)
  return output === undefined ? total : undefined
}

/** Completion tokens with reasoning, which some vendors leave out: the total shows it. */
function sumOutput({ input, output, total, reasoning = 0 }: Figures): number | undefined {
  const leftOut = input !== undefined && output !== undefined && total === input + output + reasoning
  return leftOut ? safeSum(output, reasoning) : output
}

function safeSum(count: number, more: number): number {
  return readCount(count + more) ?? count
}

function findDialect(fields: Record<string, unknown>): (typeof dialects)[number] | undefined {
  for (const dialect of dialects) {
    for (const key of dialect.spokenBy) if ((fields[key] ?? null) !== null) return dialect
  }
  return undefined
}

function compileRows(spellings: Spellings): readonly Rows[] {
  const byParent = new Map<string | undefined, Rows['figures'][number][]>()
  for (const [path, figure] of Object.entries(spellings)) {
    const dotAt = path.indexOf('.')
    const parent = dotAt < 0 ? undefined : path.slice(0, dotAt)
    const figures = byParent.get(parent) ?? []
    figures.push({ key: path.slice(dotAt + 1), figure, bit: bitOf(figure) })
    byParent.set(parent, figures)
  }
  return [...byParent].map(([parent, figures]) => ({ parent, figures })).sort(byImportance)
}

/** What is inside the usage object first, so that its own keys count where nothing inside says the same. */
function byImportance(a: Rows, b: Rows): number {
  return Number(a.parent === undefined) - Number(b.parent === undefined)
}

function bitOf(figure: Figure): number {
  const bit = figureBits.get(figure) ?? 1 << figureBits.size
  figureBits.set(figure, bit)
  return bit
}

function isDetail(figure: Figure): boolean {
  return (DETAIL_NAMES as readonly Figure[]).includes(figure)
}

function pick<Name extends Figure>(
  names: readonly Name[],
  figures: Readonly<Partial<Record<Name, number>>>,
): Partial<Record<Name, number>> {
  const picked: Partial<Record<Name, number>> = {}
  for (const name of names) {
    const figure = figures[name]
    if (figure !== undefined) picked[name] = figure
  }
  return picked
}

/** Whether an object has no field. */
export function isEmpty(object: object): boolean {
  for (const _ in object) return false
  return true
}
