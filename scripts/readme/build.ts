/**
 * Writes the generated parts of README.md, and docs/overhead.md. `--check` compares instead, and exits with 1 when
 * they differ.
 * Run by `npm run docs` and `npm run docs:check`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { formatDocument } from '../../test/bench/document.ts'
import { readResults } from '../../test/bench/results.ts'
import { formatSummary } from '../../test/bench/summary.ts'
import { formatAlerts } from './alerts.ts'
import { formatEndpoints } from './endpoints.ts'
import { readPart, replacePart } from './markers.ts'
import { formatGenAiMetrics, formatMetrics } from './metrics.ts'
import { formatOptions } from './options.ts'
import { formatLimits } from './limits.ts'
import { formatSampleScrape } from './sample-scrape.ts'
import { formatSpanAttributes } from './spans.ts'
import { formatStreamEndings } from './stream-endings.ts'
import { formatVersions } from './versions.ts'

const README = new URL('../../README.md', import.meta.url)
const OVERHEAD = new URL('../../docs/overhead.md', import.meta.url)

/** By the name of its markers. */
const PARTS: Readonly<Record<string, () => string | Promise<string>>> = {
  'sample-scrape': formatSampleScrape,
  metrics: formatMetrics,
  'gen-ai-metrics': formatGenAiMetrics,
  'span-attributes': formatSpanAttributes,
  options: formatOptions,
  limits: formatLimits,
  alerts: formatAlerts,
  endpoints: formatEndpoints,
  versions: formatVersions,
  bench: () => formatSummary(readResults()),
  'stream-endings': formatStreamEndings,
}

const isCheck = process.argv.includes('--check')
const readme = readFileSync(README, 'utf8')
let written = readme
const stale: string[] = []
for (const [name, format] of Object.entries(PARTS)) {
  const content = await format()
  if (readPart(readme, name) !== content.trim()) stale.push(name)
  written = replacePart(written, name, content)
}

const overhead = formatDocument(readResults())
if (!existsSync(OVERHEAD) || readFileSync(OVERHEAD, 'utf8') !== overhead) stale.push('docs/overhead.md')

if (!isCheck) {
  writeFileSync(README, written)
  writeFileSync(OVERHEAD, overhead)
  console.log(stale.length === 0 ? 'The documents are up to date' : `Wrote ${stale.join(', ')}`)
} else if (stale.length > 0) {
  console.error(`The documents are not up to date: ${stale.join(', ')}. Run "npm run docs".`)
  process.exitCode = 1
}
