/** Writes docs/stream-endings.md: what `npm run compare` saw of others, beside what this run saw of us. */
import { readFile, writeFile } from 'node:fs/promises'
import { readPeerResults, type PeerResults, type PeerRow, type PeerRun } from '../../peers/results.ts'
import type { SeenEnding } from './endings.ts'
import { ENDINGS } from './endings.ts'
import { differs } from './judge.ts'
import { REPOSITORY } from './layout.ts'

const DOCUMENT = `${REPOSITORY}/docs/stream-endings.md`

function describePeer(row: PeerRow | undefined): string {
  if (row === undefined) return 'not tried'
  const spans = row.spans === 1 ? 'span' : `${row.spans} spans`
  const telemetry = row.spans === 0 ? 'nothing' : `${spans}, ${row.usage ? 'tokens' : 'no tokens'}`
  if (row.broke === undefined) return telemetry
  return `**${row.broke.startsWith('unhandled') ? 'unhandled rejection' : 'call breaks'}**; ${telemetry}`
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

function renderTable(own: readonly SeenEnding[], { peers }: PeerRun): string[] {
  const header = ['Ending', 'This package', ...peers.map(({ title }) => title)]
  const rows = ENDINGS.map(({ ending }) => [
    ending.replace(/^(stream )?(\..*|\w+\.\w*.*\(\)|create.*)$/, '$1`$2`'),
    describeOwn(own.filter((candidate) => candidate.ending === ending)),
    ...peers.map((peer) => describePeer(peer.rows[ending])),
  ])
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)]
}

function describeVersion({ package: name, version, note }: PeerResults): string {
  return `\`${name}\` ${version}${note === undefined ? '' : ` (${note})`}`
}

function render(seen: ReadonlyMap<string, readonly SeenEnding[]>): string {
  const { date, runs } = readPeerResults()
  const own = [...seen.values()].flat()
  const [peers = []] = runs.map((run) => run.peers)
  return [
    '# Thirteen ways in which a call ends',
    '',
    'One call each through the `openai` package, to a local server that speaks the same protocol.',
    '"Call breaks": the application gets an error that it does not get without the instrumentation.',
    'Some responses have no usage ("no usage chunk", and every stream that was broken off). Then "no tokens" is the',
    "best possible result, unless an instrumentation asks elsewhere. This package asks the account's log.",
    '',
    ...runs.flatMap((run) => [`## With openai ${run.openai}`, '', ...renderTable(own, run), '']),
    '## How it was measured',
    '',
    `This package: by every run of the compatibility suite (\`npm run test:compat\`), with`,
    `${[...seen.keys()].sort().join('; ')}.`,
    'In all of them the application saw exactly what it sees without the package. "Never consumed" is a body of',
    '16 MB that nobody reads. Here the record of the call ends with the process; in a running process, after 10 minutes.',
    'The connection is not touched.',
    '',
    `The others: by \`npm run compare\` on ${date}, on Node ${[...new Set(runs.map(({ node }) => node))].join(', ')}:`,
    '',
    ...peers.map((peer) => `- ${describeVersion(peer)}`),
    '',
  ].join('\n')
}

/** @returns findings: where the document says something else than what was seen. Writes it first if asked to. */
export async function compareDocument(
  seen: ReadonlyMap<string, readonly SeenEnding[]>,
  write: boolean,
): Promise<string[]> {
  const text = render(seen)
  if (write) await writeFile(DOCUMENT, text)
  const kept = await readFile(DOCUMENT, 'utf8').catch(() => '')
  return differs('docs/stream-endings.md (renew it with --write)', kept, text)
}
