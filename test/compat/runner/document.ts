/** Writes docs/stream-endings.md: what peers.json recorded of others, beside what this run saw of us. */
import { readFile, writeFile } from 'node:fs/promises'
import type { SeenEnding } from './endings.ts'
import { ENDINGS } from './endings.ts'
import { differs } from './judge.ts'
import { REPOSITORY, SUITE } from './layout.ts'

const DOCUMENT = `${REPOSITORY}/docs/stream-endings.md`

interface PeerRow {
  /** null: not seen in that run. */
  readonly spans: number | null
  /** Where spans were not seen. */
  readonly metrics?: boolean
  /** Tokens in the span, or in the metrics where spans were not seen. */
  readonly usage: boolean
  /** What the application got that it does not get without the instrumentation. */
  readonly broke?: string
}

interface Peers {
  readonly date: string
  readonly node: string
  readonly openai: string
  readonly peers: readonly {
    readonly title: string
    readonly package: string
    readonly version: string
    readonly note?: string
    readonly rows: Readonly<Record<string, PeerRow>>
  }[]
}

function describePeer(row: PeerRow | undefined): string {
  if (row === undefined) return 'not tried'
  if (row.broke?.startsWith('unhandled')) return '**unhandled rejection**, no span'
  const seen = row.spans === null ? row.metrics && 'metrics' : row.spans === 1 && 'span'
  const telemetry = seen ? `${seen}, ${row.usage ? 'tokens' : 'no tokens'}` : 'nothing'
  return row.broke === undefined ? telemetry : `**call breaks**; ${telemetry}`
}

const USAGE_WORDS = {
  response: 'tokens and credits',
  ledger: 'tokens and credits from the account log',
  none: 'counted as missing',
} as const

function describeOwn(seen: readonly SeenEnding[]): string {
  const distinct = (values: readonly (string | undefined)[]) =>
    [...new Set(values)].filter((value) => value !== undefined).sort()
  const errors = distinct(seen.map(({ errorType }) => errorType && `\`${errorType}\``))
  const spans = distinct(seen.map((ending) => (ending.spans === 1 ? 'span' : `${ending.spans} spans`)))
  const usage = distinct(seen.map((ending) => USAGE_WORDS[ending.usage]))
  const changed = seen.some(({ isApplicationChanged }) => isApplicationChanged) ? '**call breaks**; ' : ''
  return `${changed}${[...spans, ...usage, errors.join(' or ')].filter(Boolean).join(', ')}`
}

async function render(seen: ReadonlyMap<string, readonly SeenEnding[]>): Promise<string> {
  const { date, node, openai, peers } = JSON.parse(await readFile(`${SUITE}/peers.json`, 'utf8')) as Peers
  const own = [...seen.values()].flat()
  const header = ['Ending', 'This package', ...peers.map(({ title }) => title)]
  const rows = ENDINGS.map(({ ending }) => [
    ending.replace(/^(stream )?(\..*|\w+\.\w*.*\(\)|create.*)$/, '$1`$2`'),
    describeOwn(own.filter((candidate) => candidate.ending === ending)),
    ...peers.map((peer) => describePeer(peer.rows[ending])),
  ])
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    '# Thirteen ways in which a stream ends',
    '',
    'One call each through the `openai` package, to a local server that speaks the same protocol.',
    '"Call breaks": the application gets an error that it does not get without the instrumentation.',
    'Where the wire carried no usage ("no usage chunk", and every stream that was broken off), no tokens is the',
    "best that a client's instrumentation can say by itself; this package asks the account's log afterwards.",
    '',
    line(header),
    line(header.map(() => '---')),
    ...rows.map(line),
    '',
    `- This package: measured by every run of the compatibility suite (\`npm run test:compat\`), with`,
    `  ${[...seen.keys()].sort().join('; ')}.`,
    '  In all of them the application saw exactly what it sees without the package. "Never consumed" is a body of',
    '  16 MB that nobody reads, seen at shutdown; in a running process it is closed after 10 minutes.',
    `- The others: measured on ${date} with openai ${openai} on Node ${node}:`,
    `  ${peers.map((peer) => `\`${peer.package}\` ${peer.version}${peer.note ? ` (${peer.note})` : ''}`).join(', ')}.`,
    '',
  ].join('\n')
}

/** @returns findings: where the document says something else than what was seen. Writes it first if asked to. */
export async function compareDocument(
  seen: ReadonlyMap<string, readonly SeenEnding[]>,
  write: boolean,
): Promise<string[]> {
  const text = await render(seen)
  if (write) await writeFile(DOCUMENT, text)
  const kept = await readFile(DOCUMENT, 'utf8').catch(() => '')
  return differs('docs/stream-endings.md (renew it with --write)', kept, text)
}
