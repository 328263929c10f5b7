/** What docs/stream-endings.md, written by the compatibility suite, comes to. */
import { readFileSync } from 'node:fs'
import { formatTable } from './table.ts'

const DOCUMENT = new URL('../../docs/stream-endings.md', import.meta.url)
/** How the suite says that a body carried no usage, whoever looks at it. */
const WITHOUT_USAGE = /account log|missing/
const COUNTED = {
  seen: /^(?:\*\*[\w ]+\*\*; )?(?:\d+ )?spans?,/,
  'with tokens': /(?<!no )tokens/,
  'the call breaks': /\*\*/,
}

interface Section {
  /** `openai 6.49.0` */
  readonly client: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** One row an instrumentation, with its figures for each version of the client, and how they were got. */
export function formatStreamEndings(): string {
  const text = readFileSync(DOCUMENT, 'utf8')
  const sections = text
    .split(/^## With /m)
    .slice(1)
    .map(readSection)
  const [first] = sections
  if (first === undefined) throw new Error('docs/stream-endings.md has no table')
  const [, own = '', ...peers] = first.head
  const silent = first.rows.filter(([, cell = '']) => WITHOUT_USAGE.test(cell)).length
  const counts = (index: number): string[] =>
    Object.values(COUNTED).map((pattern) =>
      sections.map(({ rows }) => rows.filter((cells) => pattern.test(cells[index] ?? '')).length).join(', '),
    )
  return [
    formatTable(
      [`Of ${first.rows.length} endings`, ...Object.keys(COUNTED)],
      [own, ...peers].map((name, index) => [name, ...counts(index + 1)]),
    ),
    '',
    `Each cell has ${sections.map(({ client }) => `the figure with ${client}`).join(', then ')}. "The call breaks" means: the application gets an error, or an unhandled rejection, that it does not get without the instrumentation. In ${silent} of the endings the response had no usage, so no instrumentation can read tokens from it. This package then asks the account's log. [Each ending](stream-endings.md).`,
    '',
    ...text.slice(text.indexOf('This package: by every')).trim().split('\n'),
  ].join('\n')
}

function readSection(text: string): Section {
  const [client = '', ...lines] = text.split('\n')
  const [head = [], , ...rows] = lines.filter((line) => line.startsWith('| ')).map(splitRow)
  return { client, head, rows }
}

function splitRow(line: string): string[] {
  return line
    .replace(/^\| | \|$/g, '')
    .split(' | ')
    .map((cell) => cell.trim())
}
