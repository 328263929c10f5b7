/** What docs/stream-endings.md, written by the compatibility suite, comes to. */
import { readFileSync } from 'node:fs'
import { formatTable } from './table.ts'

const DOCUMENT = 'docs/stream-endings.md'
/** How the suite says that a body carried no usage, whoever looks at it. */
const WITHOUT_USAGE = /account log|missing/
const BREAKS = /\*\*/
const SEEN = /^(?:\*\*call breaks\*\*; )?(?:span|metrics),/
const TOKENS = /(?<!no )tokens/

/** One row per instrumentation, and under it how the numbers were got. */
export function formatStreamEndings(): string {
  const lines = readFileSync(new URL(`../../${DOCUMENT}`, import.meta.url), 'utf8').split('\n')
  const [head = [], , ...rows] = lines.filter((line) => line.startsWith('| ')).map(splitRow)
  const [, own] = head
  const silent = rows.filter(([, cell = '']) => WITHOUT_USAGE.test(cell)).length
  const count = (column: number, pattern: RegExp) =>
    String(rows.filter((cells) => pattern.test(cells[column] ?? '')).length)
  return [
    formatTable(
      [`Of ${rows.length} endings`, 'seen', 'with tokens', 'the call breaks'],
      head
        .slice(1)
        .map((name, index) => [name, ...[SEEN, TOKENS, BREAKS].map((pattern) => count(index + 1, pattern))]),
    ),
    '',
    `"Seen": a span, or metrics where spans were not seen. "The call breaks": the application gets an error, or an unhandled rejection, that it does not get without the instrumentation. In ${silent} of the endings the wire carried no usage: there nobody can tell the tokens from it; ${own?.toLowerCase()} asks the account's log afterwards. [Every ending by itself](stream-endings.md).`,
    '',
    `${own}: by every run of \`npm run test:compat\`. ${lines
      .slice(lines.findIndex((line) => line.startsWith('- The others')))
      .join(' ')
      .replace(/^- | (?= )/g, '')}`,
  ].join('\n')
}

function splitRow(line: string): string[] {
  return line
    .replace(/^\| | \|$/g, '')
    .split(' | ')
    .map((cell) => cell.trim())
}
