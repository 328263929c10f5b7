/**
 * Usage objects in any documented spelling (usage-dialects.ts), which a body may report in parts → one Usage at its end. Of
 * several values of one figure the largest counts: streams repeat theirs as zeros, and a running total never shrinks.
 */
import type { Usage } from '../types.ts'
import type { Writable } from '../writable.ts'
import { isFields, readAmount, readCount, type Fields } from './fields.ts'
import { DETAIL_NAMES, DIALECTS, UNITS, UNIT_NAMES, type Figure, type Spellings } from './usage-dialects.ts'

type Figures = { [name in Figure]?: number }

export type WritableUsage = Writable<Usage>

const DETAILS: ReadonlySet<Figure> = new Set(DETAIL_NAMES)

/** One bit per figure, so that the figures of one usage object are one number. */
const figureBits = new Map<Figure, number>()

const dialects = DIALECTS.map(({ keys, spellings, details }) => ({
  keys,
  rows: [
    ...Object.entries(details).map(([parent, inner]) => compileRow(parent, inner)),
    compileRow(undefined, spellings),
  ],
}))
const unitRows = [compileRow(undefined, UNITS)]

/** The figures of all usage objects of one body. */
export class UsageFigures {
  readonly #figures: Figures = {}
  /** Totals and units whose value was unreadable. */
  #unreadable: Set<Figure> | undefined
  /** Something that reports usage is not readable at all. */
  isMalformed = false

  /** A total or unit has only unreadable values. Details do not matter: they are parts of totals. */
  get isUnreadable(): boolean {
    if (this.isMalformed) return true
    if (this.#unreadable === undefined) return false
    for (const figure of this.#unreadable) {
      const isNeeded = figure !== 'total' || this.#figures.input === undefined
      if (isNeeded && this.#figures[figure] === undefined) return true
    }
    return false
  }

  /** Adds a usage object (`usage`, `usage_info`). */
  add(usage: unknown): void {
    if (usage === undefined || usage === null) return
    if (!isFields(usage)) {
      // A cancelled batch has `usage: []`.
      if (!Array.isArray(usage) || usage.length > 0) this.isMalformed = true
      return
    }
    const dialect = findDialect(usage)
    if (dialect !== undefined) this.#addRows(usage, dialect.rows, readCount)
    this.#addRows(usage, unitRows, readAmount)
    this.addToolCalls(usage['server_side_tool_usage'])
  }

  /** Adds calls of tools that ran on the server, given as `{ name: count }`: only the sum is kept. */
  addToolCalls(counts: unknown): void {
    if (typeof counts !== 'object' || counts === null) return
    let sum = 0
    for (const count of Object.values(counts)) sum += readCount(count) ?? 0
    if (sum > 0) this.#grow('tool_call', sum)
  }

  /** All figures as Usage, by the counting rules (docs/counting.md). */
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

  #addRows(fields: Fields, rows: typeof unitRows, read: typeof readCount): void {
    let added = 0
    for (const { parent, figures } of rows) {
      const holder = parent === undefined ? fields : fields[parent]
      if (!isFields(holder)) continue
      for (const { key, figure, bit } of figures) {
        const value = holder[key]
        if (value === undefined || value === null) continue
        const number = read(value)
        if (number === undefined) {
          if (!DETAILS.has(figure)) (this.#unreadable ??= new Set()).add(figure)
        } else if ((added & bit) === 0) {
          // A 0 leaves the figure to its other spellings: gateways fill in all names, and know the figure by one.
          if (number > 0) added |= bit
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

/** Prompt tokens with cached ones; when there is only a total (embeddings), it is all input. */
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

function findDialect(fields: Fields): (typeof dialects)[number] | undefined {
  for (const dialect of dialects) {
    for (const key of dialect.keys) if ((fields[key] ?? null) !== null) return dialect
  }
  return undefined
}

/** Keys of one object: the usage object itself (`parent` undefined) or one inside it. */
function compileRow(parent: string | undefined, spellings: Spellings) {
  const figures = Object.entries(spellings).map(([key, figure]) => ({ key, figure, bit: bitOf(figure) }))
  return { parent, figures }
}

function bitOf(figure: Figure): number {
  const bit = figureBits.get(figure) ?? 1 << figureBits.size
  figureBits.set(figure, bit)
  return bit
}

function pick<Name extends Figure>(names: readonly Name[], figures: Figures): Partial<Record<Name, number>> {
  const picked: Partial<Record<Name, number>> = {}
  for (const name of names) {
    const figure: number | undefined = figures[name]
    if (figure !== undefined) picked[name] = figure
  }
  return picked
}

/** Whether the object has no field of its own. */
export function isEmpty(object: object): boolean {
  for (const _ in object) return false
  return true
}
