/** Formats the report for a terminal. */
import { dayIn } from './period.ts'
import type { Spend, SpendProblem } from './read-spend.ts'
import { explainError } from './reasons.ts'
import { summarize, type Grouping, type SummaryRow } from './summary.ts'

const BAR_WIDTH = 20
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const MAX_LABEL = 48
/** Explanations of the status 401, by what the request was sent with. */
const REFUSED: Readonly<Record<SpendProblem['sentWith'], string>> = {
  'api key': 'the key was refused: check AIMLAPI_API_KEY or AIMLAPI_ACCOUNTS',
  'management key': 'the management key was refused: check AIMLAPI_MANAGEMENT_KEY',
}
const UNITS = Object.entries({ P: 1e15, T: 1e12, G: 1e9, M: 1e6, k: 1e3 })

/** A line per model, day or key, the total, and what is missing. */
export function formatSpend(spend: Spend, by: Grouping): string {
  const { rows, total } = summarize(spend.rows, by)
  const largest = Math.max(0, ...rows.map(({ usd }) => usd))
  const headings = [by.toUpperCase(), 'USD', 'SHARE', '', 'INPUT', 'OUTPUT', 'REQUESTS', 'FAILED']
  const lines = [
    ...rows.map((row) => cells(row, formatBar(largest === 0 ? 0 : row.usd / largest))),
    cells({ label: 'TOTAL', share: total.usd === 0 ? 0 : 1, ...total }, ''),
  ]
  // The label and the bar.
  const table = align([headings, ...lines], (column) => column === 0 || column === 3)
  const rule = '─'.repeat(Math.max(...table.map((line) => line.length)))
  const nothing = spend.problems.length === 0 ? 'Nothing was spent.' : 'Nothing could be read.'
  const body = rows.length === 0 ? [nothing] : [...table.slice(0, -1), rule, table.at(-1) ?? '']
  return `${[formatTitle(spend), '', ...body, ...formatNotes(spend)].join('\n')}\n`
}

function formatTitle({ period: { startMs, endMs, timeZone } }: Spend): string {
  const [first, last] = [dayIn(timeZone, startMs), dayIn(timeZone, endMs - 1)]
  return first === last ? `Spend of ${first} (${timeZone})` : `Spend from ${first} to ${last} (${timeZone})`
}

function formatNotes({ problems, ownKeyOnly }: Spend): string[] {
  const notes = problems.map(formatProblem)
  if (ownKeyOnly.length > 0)
    notes.push(
      `${ownKeyOnly.length === 1 ? 'Account' : 'Accounts'} ${ownKeyOnly.join(', ')}: only the configured key is shown. A management key (AIMLAPI_MANAGEMENT_KEY) shows all keys.`,
    )
  return notes.length === 0 ? [] : ['', ...notes]
}

/** One line about a request that failed. */
export function formatProblem({ account, keyPrefix, sentWith, errorType }: SpendProblem): string {
  const what = keyPrefix === undefined ? `account ${account}` : `key ${keyPrefix} of account ${account}`
  const reason = explainError(errorType, {
    '400': 'the API refuses the period or the time zone',
    '401': REFUSED[sentWith],
    '404': 'the key was deleted',
  })
  return `MISSING: ${what} (${reason})`
}

function cells(row: SummaryRow, bar: string): string[] {
  const { label, usd, share, inputTokens, outputTokens, succeeded, failed } = row
  return [
    label.length > MAX_LABEL ? `${label.slice(0, MAX_LABEL - 1)}…` : label,
    formatUsd(usd),
    `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`,
    bar,
    formatCount(inputTokens),
    formatCount(outputTokens),
    (succeeded + failed).toLocaleString('en-US'),
    failed.toLocaleString('en-US'),
  ]
}

/** Aligns the cells of columns: words to the left, figures to the right. */
export function align(rows: readonly string[][], isOfWords: (column: number) => boolean): string[] {
  const columns = rows[0]?.length ?? 0
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows.map((row) =>
    row
      .map((cell, column) =>
        isOfWords(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
}

function formatBar(share: number): string {
  const eighths = Math.round(share * BAR_WIDTH * 8)
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '')
}

/** $12.30, below a dollar $0.0012, -$3.00; `-` for what is not known. */
export function formatUsd(usd: number | undefined): string {
  if (usd === undefined) return '-'
  const digits = usd !== 0 && Math.abs(usd) < 1 ? 4 : 2
  const dollars = Math.abs(usd).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  return `${usd < 0 ? '-' : ''}$${dollars}`
}

/** Three digits: 812, 81.2k, 8.12M. */
function formatCount(count: number): string {
  for (const [unit, size] of UNITS)
    if (count >= size * 0.9995) return `${(count / size).toPrecision(3)}${unit}`
  return String(count)
}
