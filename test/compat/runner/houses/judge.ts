/** Compares a house with us and without us. A finding is one sentence; none means that the cell passed. */
import { METRICS } from '../../../../src/telemetry/names.ts'
import type { Collector } from '../collector.ts'
import type { NodeMajor } from '../layout.ts'
import { differs, total } from '../judge.ts'
import type { HouseCell } from './cells.ts'
import { isOurs, pathOf, type HostSpan } from './host-trace.ts'
import { runHouse, type HouseObservation } from './run.ts'

const SECRET = 'canary-prompt'
const METRIC_LINE = /^(\w+)\{(.*)\} ([\d.e+-]+)/

function sumOf({ scrape, points }: HouseObservation, cell: HouseCell, name: string, label: string): number {
  if (cell.figures === 'otlp') {
    const [key, value] = label.split('=')
    return total(points, name, key ? { [key]: value } : {})
  }
  const [key = '', value = ''] = label.split('=')
  const wanted = key === '' ? '' : `${key.replaceAll('.', '_')}="${value}"`
  return (scrape ?? '')
    .split('\n')
    .map((line) => METRIC_LINE.exec(line))
    .filter((match) => match?.[1] === `${name.replaceAll('.', '_')}_total` && match[2]?.includes(wanted))
    .reduce((sum, match) => sum + Number(match?.[3]), 0)
}

/** Every call once, with the figures that the API has booked. */
function judgeFigures(seen: HouseObservation, cell: HouseCell): string[] {
  const sum = (amount: (entry: HouseObservation['entries'][number]) => number): number =>
    seen.entries.reduce((all, entry) => all + amount(entry), 0)
  const figure = (metric: { readonly name: string }, label: string, expected: number): string[] =>
    differs(`${metric.name} ${label}`.trim(), sumOf(seen, cell, metric.name, label), expected)
  return [
    ...differs('calls booked at the API', seen.entries.length > 0, true),
    ...figure(METRICS.requests, '', seen.entries.length),
    ...figure(
      METRICS.creditsUsed,
      '',
      sum(({ credits }) => credits),
    ),
    ...figure(
      METRICS.tokens,
      'gen_ai.token.type=input',
      sum(({ tokens }) => tokens.input),
    ),
    ...figure(
      METRICS.tokens,
      'gen_ai.token.type=output',
      sum(({ tokens }) => tokens.output),
    ),
  ]
}

/** Where each of the tool's own spans stands, of the requests of our visitors. */
function pathsOf({ host, visits }: HouseObservation): string[] {
  const traces = new Set(visits.map(({ trace }) => trace))
  return host.spans
    .filter((span) => traces.has(span.trace) && !isOurs(span))
    .map((span) => pathOf(span, host.spans))
    .toSorted()
}

function judgeOwnSpans(seen: HouseObservation, cell: HouseCell): string[] {
  const { spans } = seen.host
  const own = spans.filter(isOurs)
  const traceOf = (work: string) => seen.visits.find(({ path }) => path.startsWith(work))?.trace
  const placeOf = (span: HostSpan): string => {
    const parent = spans.find(({ id, trace }) => id === span.parent && trace === span.trace)
    if (span.isRoot) return 'a transaction of its own'
    return parent === undefined ? 'without its parent' : 'under a span of the request'
  }
  const expected = cell.spans.map((work) => [traceOf(work), 'under a span of the request'])
  return differs('our spans', own.map((span) => [span.trace, placeOf(span)]).toSorted(), expected.toSorted())
}

/** The house without us and with us, and what differs. */
export async function tryHouse(cell: HouseCell, node: NodeMajor, collector: Collector): Promise<string[]> {
  const [without, seen] = await Promise.all(
    [false, true].map((withUs) => runHouse(cell, node, withUs, collector)),
  )
  return judgeHouse(cell, seen!, without!)
}

export function judgeHouse(cell: HouseCell, seen: HouseObservation, without: HouseObservation): string[] {
  const said = new Set(without.lines)
  const more = seen.lines.filter((line) => !said.has(line))
  const ours = cell.says.map((pattern) => more.findIndex((line) => pattern.test(line)))
  const requestsOf = ({ requests }: HouseObservation) =>
    requests.map(({ method, path, headerNames, traceparent }) => [
      method,
      path,
      headerNames,
      traceparent?.split('-')[1],
    ])
  const eventsOf = ({ host }: HouseObservation) =>
    host.events.map(({ message, user, trace }) => [message, user, trace]).toSorted()
  return [
    ...differs('without us: end', [without.end, without.unhandled], [0, []]),
    ...differs(
      'without us: the tool sent spans of the visits',
      pathsOf(without).length > 0,
      cell.intake !== undefined,
    ),
    ...differs('end', seen.end, without.end),
    ...differs('unhandled', seen.unhandled, without.unhandled),
    ...differs('answers to visitors', seen.visits, without.visits),
    ...differs('requests at the API', requestsOf(seen), requestsOf(without)),
    ...judgeFigures(seen, cell),
    ...differs('spans of the tool', [...pathsOf(seen), ...cell.lost].toSorted(), pathsOf(without)),
    ...judgeOwnSpans(seen, cell),
    ...differs(
      'scrapes in the traces of the tool',
      cell.leavesOutScrapes && seen.host.spans.some(({ name }) => name.includes('/metrics')),
      false,
    ),
    ...differs('events of the tool', eventsOf(seen), eventsOf(without)),
    ...ours.flatMap((index, at) => (index === -1 ? [`nothing says ${cell.says[at]}`] : [])),
    ...differs(
      'lines said beside',
      more.filter((_, index) => !ours.includes(index)),
      [],
    ),
    ...(JSON.stringify(seen.host.spans.filter(isOurs)).includes(SECRET)
      ? ['a span of ours tells a prompt']
      : []),
  ]
}
