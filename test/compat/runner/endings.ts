/** The thirteen stream endings through `openai`: what must be seen of each, and on what they run. */
import type { LedgerEntry } from '../../simulator/index.ts'
import { ATTRIBUTE, METRICS } from '../../../src/telemetry/names.ts'
import type { Span } from './collector.ts'
import { callSpans, differs, judgeProcess, total } from './judge.ts'
import { columnName } from './cells.ts'
import type { Column } from './layout.ts'
import type { Observation, Program } from './program.ts'

const A = ATTRIBUTE

interface EndingRow {
  readonly ending: string
  /** Absent: the span says no error. */
  readonly errorType?: RegExp
  /**
   * Where the usage is found. `response`: the wire carried it. `ledger`: it did not, and settlement found it.
   * `missing`: the call was still open when the process ended.
   */
  readonly usage: 'response' | 'ledger' | 'missing'
}

export const ENDINGS: readonly EndingRow[] = [
  { ending: 'stream complete', usage: 'response' },
  { ending: 'stream no usage chunk', usage: 'ledger' },
  { ending: 'early break', usage: 'ledger', errorType: /^aborted$/ },
  {
    ending: 'socket dies',
    usage: 'ledger',
    errorType: /^(UND_ERR_SOCKET|ECONNRESET|ERR_STREAM_PREMATURE_CLOSE)$/,
  },
  { ending: 'abort signal', usage: 'ledger', errorType: /^aborted$/ },
  { ending: 'never consumed', usage: 'missing', errorType: /^aborted$/ },
  { ending: 'stream .tee()', usage: 'response' },
  { ending: 'stream .toReadableStream()', usage: 'response' },
  { ending: 'stream .withResponse()', usage: 'response' },
  { ending: 'create().withResponse()', usage: 'response' },
  { ending: 'create().asResponse()', usage: 'response' },
  { ending: 'completions.parse()', usage: 'response' },
  { ending: 'completions.stream()', usage: 'response' },
]

export interface EndingsRun {
  /** The alias the client is installed under. */
  readonly openai: string
  readonly column: string
  readonly program: Program
  readonly without: Program
}

/** On every Node the oldest major and the newest that its makers let run there. */
const RUNS: readonly (Column & { readonly openai: string })[] = [
  { node: 20, sdk: 2, openai: 'openai4' },
  { node: 20, sdk: 2, openai: 'openai6' },
  { node: 22, sdk: 3, openai: 'openai4' },
  { node: 22, sdk: 3, openai: 'openai7' },
  { node: 24, sdk: 2, openai: 'openai4' },
  { node: 24, sdk: 2, openai: 'openai7' },
  { node: 26, sdk: 3, openai: 'openai4' },
  { node: 26, sdk: 3, openai: 'openai7' },
]

export const ENDINGS_RUNS: readonly EndingsRun[] = RUNS.map(({ openai, ...column }) => {
  const program = (setup: string): Program => ({
    column,
    flags: [],
    file: 'stream-endings.mjs',
    scrape: false,
    simulator: {},
    environment: { CELL_OPENAI: openai, CELL_SETUP: setup },
  })
  return {
    openai,
    column: `${columnName(column)}, ${openai}`,
    program: program('late'),
    without: program('none'),
  }
})

export interface SeenEnding {
  readonly ending: string
  readonly spans: number
  readonly usage: 'response' | 'ledger' | 'none'
  readonly errorType: string | undefined
  /** The application saw something else than without us. */
  readonly isApplicationChanged: boolean
  readonly findings: readonly string[]
}

const resultOf = ({ report }: Observation, ending: string): unknown =>
  (report?.result as Record<string, unknown> | undefined)?.[ending]

const sameUsage = (entry: LedgerEntry | undefined, span: Span | undefined): string[] =>
  entry === undefined || span === undefined
    ? []
    : differs(
        'usage',
        [
          span.attributes[A.usageInputTokens],
          span.attributes[A.usageOutputTokens],
          span.attributes[A.creditsUsed],
        ],
        [entry.tokens.input, entry.tokens.output, entry.credits],
      )

function judgeEnding(row: EndingRow, seen: Observation, without: Observation): SeenEnding {
  const entry = seen.entries.find(({ tag }) => tag === row.ending)
  const ofThis = ({ attributes }: Span) => attributes[A.inferenceId] === entry?.inferenceId
  const spans = callSpans(seen).filter(ofThis)
  const settled = seen.spans.filter((span) => span.attributes[A.operation] === 'settle' && ofThis(span))
  const [span] = spans
  const errorType = span?.attributes[A.errorType] as string | undefined
  const usage =
    span?.attributes[A.creditsUsed] !== undefined ? 'response' : settled.length > 0 ? 'ledger' : 'none'
  const changed = differs('result', resultOf(seen, row.ending), resultOf(without, row.ending))
  const right = row.errorType === undefined ? errorType === undefined : row.errorType.test(errorType ?? '')
  return {
    ending: row.ending,
    spans: spans.length,
    usage,
    errorType,
    isApplicationChanged: changed.length > 0,
    findings: [
      ...changed,
      ...differs('requests in the books', entry === undefined ? 0 : 1, 1),
      ...differs('spans', spans.length, 1),
      ...(right ? [] : [`error.type: saw ${errorType}, expected ${row.errorType ?? 'none'}`]),
      ...differs('usage from', usage, row.usage === 'missing' ? 'none' : row.usage),
      ...differs('spans of settlement', settled.length, row.usage === 'ledger' ? 1 : 0),
      ...(usage === 'none' ? [] : sameUsage(entry, usage === 'response' ? span : settled[0])),
    ],
  }
}

/** One finding list per ending, and one (`process`) for what concerns them all. */
export function judgeEndings(
  seen: Observation,
  without: Observation,
): { readonly endings: readonly SeenEnding[]; readonly process: readonly string[] } {
  const found = seen.entries.filter(({ tag }) =>
    ENDINGS.some((row) => row.ending === tag && row.usage !== 'missing'),
  )
  const credits = found.reduce((sum, entry) => sum + entry.credits, 0)
  return {
    endings: ENDINGS.map((row) => judgeEnding(row, seen, without)),
    process: [
      ...judgeProcess(seen),
      ...differs('unhandled in the program without us', [without.end, without.report?.unhandled], [0, []]),
      ...differs('standard error', seen.stderr, without.stderr),
      ...differs('spans of calls', callSpans(seen).length, ENDINGS.length),
      ...differs('metric of requests', total(seen.points, METRICS.requests.name), ENDINGS.length),
      ...differs('metric of credits', total(seen.points, METRICS.creditsUsed.name), credits),
      ...differs('metric of missing usage', total(seen.points, METRICS.usageMissing.name), 1),
    ],
  }
}
