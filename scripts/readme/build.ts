/**
 * Writes the generated parts of README.md. `--check` compares instead, and exits with 1 when they differ.
 * Run by `npm run docs` and `npm run docs:check`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { formatOverhead } from '../../test/bench/markdown.ts'
import { readResults } from '../../test/bench/results.ts'
import { formatAlerts } from './alerts.ts'
import { formatEndpoints } from './endpoints.ts'
import { readPart, replacePart } from './markers.ts'
import { formatGenAiMetrics, formatMetrics } from './metrics.ts'
import { formatOptions } from './options.ts'
import { formatSampleScrape } from './sample-scrape.ts'
import { formatSpanAttributes } from './spans.ts'
import { formatStreamEndings } from './stream-endings.ts'
import { formatVersions } from './versions.ts'

const README = new URL('../../README.md', import.meta.url)

/** By the name of its markers. */
const PARTS: Readonly<Record<string, () => string | Promise<string>>> = {
  'sample-scrape': formatSampleScrape,
  metrics: formatMetrics,
  'gen-ai-metrics': formatGenAiMetrics,
  'span-attributes': formatSpanAttributes,
  options: formatOptions,
  alerts: formatAlerts,
  endpoints: formatEndpoints,
  versions: formatVersions,
  bench: () => formatOverhead(readResults()),
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

if (!isCheck) {
  writeFileSync(README, written)
  console.log(stale.length === 0 ? 'README.md is up to date' : `README.md: wrote ${stale.join(', ')}`)
} else if (stale.length > 0) {
  console.error(`README.md is not up to date: ${stale.join(', ')}. Run "npm run docs".`)
  process.exitCode = 1
}
