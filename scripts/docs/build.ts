/**
 * Writes the generated documents and parts of documents. `--check` compares instead, and exits with 1 when they
 * differ.
 * Run by `npm run docs` and `npm run docs:check`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { formatDocument } from '../../test/bench/document.ts'
import { readResults } from '../../test/bench/results.ts'
import { formatAccountRequests } from './account-requests.ts'
import { formatAlerts } from './alerts.ts'
import { formatApiReference } from './api.ts'
import { formatCalm } from './calm.ts'
import { formatEndpoints } from './endpoints.ts'
import { formatHouses } from './houses.ts'
import { formatLimits } from './limits.ts'
import { readPart, replacePart } from './markers.ts'
import { formatGenAiMetrics, formatLabelValues, formatMetrics } from './metrics.ts'
import { formatOptions } from './options.ts'
import { formatSampleScrape } from './sample-scrape.ts'
import { formatSpanAttributes } from './spans.ts'
import { formatStreamEndings } from './stream-endings.ts'
import { formatBundled, formatVersions } from './versions.ts'

interface Part {
  /** Relative to the root of the repository. */
  readonly file: string
  /** Of its markers. */
  readonly name: string
  readonly format: () => string | Promise<string>
}

const PARTS: readonly Part[] = [
  { file: 'docs/metrics.md', name: 'metrics', format: formatMetrics },
  { file: 'docs/metrics.md', name: 'gen-ai-metrics', format: formatGenAiMetrics },
  { file: 'docs/metrics.md', name: 'label-values', format: formatLabelValues },
  { file: 'docs/metrics.md', name: 'sample-scrape', format: formatSampleScrape },
  { file: 'docs/spans.md', name: 'span-attributes', format: formatSpanAttributes },
  { file: 'docs/options.md', name: 'options', format: formatOptions },
  { file: 'docs/account.md', name: 'requests', format: formatAccountRequests },
  { file: 'docs/limits.md', name: 'limits', format: formatLimits },
  { file: 'docs/dashboards-and-alerts.md', name: 'alerts', format: formatAlerts },
  { file: 'docs/spend-truth.md', name: 'calm', format: formatCalm },
  { file: 'docs/endpoints.md', name: 'endpoints', format: formatEndpoints },
  { file: 'docs/versions.md', name: 'versions', format: formatVersions },
  { file: 'docs/versions.md', name: 'bundled', format: formatBundled },
  { file: 'docs/beside-other-tools.md', name: 'houses', format: formatHouses },
  { file: 'docs/comparison.md', name: 'stream-endings', format: formatStreamEndings },
]

/** Documents that are generated as a whole. */
const WHOLE: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/overhead.md': () => formatDocument(readResults()),
  'docs/api.md': formatApiReference,
}

const isCheck = process.argv.includes('--check')
/** What every document should be, by file. */
const documents = new Map<string, string>()
const stale: string[] = []

const pathOf = (file: string): URL => new URL(`../../${file}`, import.meta.url)
for (const { file, name, format } of PARTS) {
  const text = documents.get(file) ?? readFileSync(pathOf(file), 'utf8')
  const content = await format()
  if (readPart(text, name, file) !== content.trim()) stale.push(`${name} in ${file}`)
  documents.set(file, replacePart(text, name, content, file))
}

for (const [file, format] of Object.entries(WHOLE)) {
  const text = await format()
  if (!existsSync(pathOf(file)) || readFileSync(pathOf(file), 'utf8') !== text) stale.push(file)
  documents.set(file, text)
}

if (!isCheck) {
  for (const [file, text] of documents) writeFileSync(pathOf(file), text)
  console.log(stale.length === 0 ? 'The documents are up to date' : `Wrote ${stale.join(', ')}`)
} else if (stale.length > 0) {
  console.error(`The documents are not up to date: ${stale.join(', ')}. Run "npm run docs".`)
  process.exitCode = 1
}
