/**
 * `npm run size`: lines of src, all and without comments and blank lines, by what they are for. The first rows are what
 * came after version 0.1.0; the last one is everything else: what 0.1.0 did, as it is now.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

interface Scope {
  readonly name: string
  /** Files below src. */
  readonly files: RegExp
}

const ROOT = path.resolve(import.meta.dirname, '../../src')
const COMMENT_OR_BLANK = /^\s*(?:\/\/|\/?\*|$)/

/** In this order: a file belongs to the first scope that names it. */
const SCOPES: readonly Scope[] = [
  { name: 'realtime sessions', files: /websocket|realtime|session-record/ },
  {
    name: 'keys, usage, prices and charged credits of the account',
    files:
      /^account\/(?:additions|catalogue|charged|health|key|ledger-pages|pollers|proxy|reachability|spend|usage|watch-account)|^api\/account-(?:catalogue|fields|keys|usage)|account-gauges|time-zone/,
  },
  { name: 'command spend', files: /^spend\// },
  {
    name: 'budgets, tags by themselves, checks of variables',
    files:
      /^config\/(?:budgets|flags|known|management|metric|process|prometheus|proxy|sdk-problems|tags)|tag-reader/,
  },
  {
    name: 'built-in SDK and its text, ports and exit',
    files:
      /^bundled|^builtin|^sdk\/(?:hold|logger|metrics-server|port|pull|resource|series|temporality)|^doctor\/otlp|^other-runtimes/,
  },
  {
    name: 'generations by any id, provisional figures, errors in a 200',
    files:
      /^calls\/(?:answered|charging|known-ids|recent-ids|usage-sums)|^api\/(?:failure|stream-end|batch-item|usage-dialects)/,
  },
]
const REST = 'what version 0.1.0 did'

const sums = new Map(
  [...SCOPES.map(({ name }) => name), REST].map((name) => [name, { files: 0, lines: 0, code: 0 }]),
)
for (const file of readdirSync(ROOT, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.ts')) continue
  const lines = readFileSync(path.join(ROOT, file), 'utf8').split('\n').slice(0, -1)
  const sum = sums.get(SCOPES.find(({ files }) => files.test(file))?.name ?? REST)
  if (sum === undefined) continue
  sum.files += 1
  sum.lines += lines.length
  sum.code += lines.filter((line) => !COMMENT_OR_BLANK.test(line)).length
}
console.table(Object.fromEntries(sums))
