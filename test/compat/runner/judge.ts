/** Compares what was seen with what must be. A finding is one sentence; none means that the cell passed. */
import { isDeepStrictEqual } from 'node:util'
import type { LedgerEntry } from '../../simulator/index.ts'
import { DEFAULT_KEY } from '../../simulator/index.ts'
import { ATTRIBUTE, METRICS, PROVIDER } from '../../../src/telemetry/names.ts'
import type { Point, Span } from './collector.ts'
import { SUITE } from './layout.ts'
import type { Observation } from './program.ts'

const A = ATTRIBUTE
/** Parts of every prompt, and of the key. */
const SECRETS = ['canary-prompt', DEFAULT_KEY, DEFAULT_KEY.slice(8)]

/** Below the span of a realtime session, one for each response. */
const RESPONSE_IN_SESSION = 'realtime_inference'

/** Spans of calls: not those of settlement, nor of responses inside a session. */
export function callSpans({ spans }: Observation): Span[] {
  return spans.filter(
    ({ attributes }) =>
      attributes[A.provider] === PROVIDER &&
      attributes[A.operation] !== 'settle' &&
      attributes[A.operation] !== RESPONSE_IN_SESSION,
  )
}

export function total(points: readonly Point[], metric: string, where: Record<string, unknown> = {}): number {
  const wanted = Object.entries(where)
  return points
    .filter(
      (point) => point.metric === metric && wanted.every(([key, value]) => point.attributes[key] === value),
    )
    .reduce((sum, { value }) => sum + value, 0)
}

/** `name: saw 1, expected 2`, or nothing. */
export function differs(name: string, saw: unknown, expected: unknown): string[] {
  if (isDeepStrictEqual(saw, expected)) return []
  const [left, right] = [JSON.stringify(saw) ?? 'nothing', JSON.stringify(expected) ?? 'nothing']
  let at = 0
  while (at < left.length && left[at] === right[at]) at += 1
  const start = left.length + right.length < 200 ? 0 : Math.max(0, at - 40)
  return [`${name}: saw ${left.slice(start, start + 160)}, expected ${right.slice(start, start + 160)}`]
}

/** What holds for every program: it ended by itself, nothing was thrown into it, nothing secret went out. */
export function judgeProcess(seen: Observation): string[] {
  if (seen.report === undefined) return [`no report; ended with ${seen.end}; ${seen.stderr.slice(-400)}`]
  return [
    ...differs('end of the process', seen.end, 0),
    ...differs('unhandled in the process', seen.report.unhandled, []),
    ...Object.entries(seen.report.packages)
      .filter(([, { directory }]) => !directory.startsWith(`${SUITE}/`))
      .map(([name, { directory }]) => `${name} was found outside the suite, in ${directory}`),
    ...SECRETS.filter((secret) => seen.text.includes(secret)).map((secret) => `telemetry says ${secret}`),
  ]
}

/** The application's own view: the same as without us, to the last byte. */
export function judgeApplication(seen: Observation, without: Observation, warning: string): string[] {
  const pathsOf = ({ requests }: Observation) =>
    requests.map(({ method, path, query }) => [method, path, query])
  return [
    ...differs('unhandled in the program without us', [without.end, without.report?.unhandled], [0, []]),
    ...differs('result', seen.report?.result, without.report?.result),
    ...differs('requests at the server', pathsOf(seen), pathsOf(without)),
    ...differs('standard error', seen.stderr, warning + without.stderr),
  ]
}

function judgeSpan(entry: LedgerEntry, spans: readonly Span[]): string[] {
  const name = `span of ${entry.endpoint} ${entry.model} ${entry.inferenceId}`
  const own = spans.filter(({ attributes }) => attributes[A.inferenceId] === entry.inferenceId)
  const [span] = own
  if (own.length !== 1 || span === undefined) return [`${name}: saw ${own.length}, expected 1`]
  const { attributes } = span
  const failed = entry.status === 'failed'
  const expected = {
    endpoint: entry.endpoint,
    model: entry.model,
    errorType: failed ? '503' : undefined,
    input: failed ? undefined : entry.tokens.input,
    output: failed || entry.endpoint === 'embeddings' ? undefined : entry.tokens.output,
    credits: entry.reported && !failed ? entry.credits : undefined,
  }
  const saw = {
    endpoint: attributes[A.endpoint],
    model: attributes[A.requestModel],
    errorType: attributes[A.errorType],
    input: attributes[A.usageInputTokens],
    output: attributes[A.usageOutputTokens] || undefined,
    credits: attributes[A.creditsUsed],
  }
  return differs(name, saw, expected)
}

function sumOf(entries: readonly LedgerEntry[], amount: (entry: LedgerEntry) => number): number {
  return entries.reduce((all, entry) => all + amount(entry), 0)
}

/** Spans and metrics against the books of the simulator. */
export function judgeTelemetry(seen: Observation): string[] {
  const { entries, points } = seen
  const spans = callSpans(seen)
  const charged = entries.filter(({ status }) => status !== 'failed')
  const reported = charged.filter((entry) => entry.reported)
  return [
    ...differs('requests in the books', entries.length, seen.requests.length),
    ...differs('spans', spans.length, entries.length),
    ...entries.flatMap((entry) => judgeSpan(entry, spans)),
    ...differs('metric of requests', total(points, METRICS.requests.name), entries.length),
    ...differs(
      'metric of failed requests',
      total(points, METRICS.requests.name, { [A.errorType]: '503' }),
      entries.length - charged.length,
    ),
    ...differs(
      'metric of credits',
      total(points, METRICS.creditsUsed.name),
      sumOf(reported, ({ credits }) => credits),
    ),
    ...(['input', 'output'] as const).flatMap((type) =>
      differs(
        `metric of ${type} tokens`,
        total(points, METRICS.tokens.name, { [A.tokenType]: type }),
        sumOf(charged, ({ tokens }) => tokens[type]),
      ),
    ),
    ...differs(
      'metric of missing usage',
      total(points, METRICS.usageMissing.name),
      charged.length - reported.length,
    ),
  ]
}

/** The Prometheus endpoint says what the exported metrics say. */
export function judgeScrape({ report, points }: Observation): string[] {
  const text = report?.scrape
  if (text === undefined) return []
  return [METRICS.requests, METRICS.creditsUsed, METRICS.tokens].flatMap(({ name }) => {
    const series = `${name.replaceAll('.', '_')}_total`
    const lines = text
      .split('\n')
      .filter((line) => line.startsWith(`${series}{`) || line.startsWith(`${series} `))
    const scraped = lines.reduce((all, line) => all + Number(line.split('} ')[1]?.split(' ')[0]), 0)
    return differs(`/metrics ${series}`, scraped, total(points, name))
  })
}
