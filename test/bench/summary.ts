/** The first part of docs/overhead.md: the table of ratios, and the rest in a few lines. */
import { formatOverhead } from './markdown.ts'
import { MEMORY_CASES } from './memory-cases.ts'
import { formatBytes } from './memory-table.ts'
import type { Results } from './results.ts'
import { SCALE_CASES, SIZES } from './scale-cases.ts'
import { formatSize } from './startup-table.ts'

export function formatSummary(results: Results): string {
  const lines = [
    describeMemory(results),
    describeStartup(results),
    describeInstalled(results),
    describeScale(results),
  ]
  return [
    formatOverhead(results),
    '',
    ...lines.filter((line) => line !== undefined).map((line) => `- ${line}`),
  ].join('\n')
}

function describeMemory({ memory }: Results): string | undefined {
  if (memory === undefined) return undefined
  const worst = (name: string): string =>
    formatBytes(Math.max(...Object.values(memory).map((bytes) => bytes[name] ?? Number.NEGATIVE_INFINITY)))
  const figures = MEMORY_CASES.map(({ name, title }) => `${title}: ${worst(name)}`)
  return `Memory beyond the same program without the package, the most of all versions of Node.js: ${figures.join('; ')}.`
}

function describeStartup({ startup }: Results): string | undefined {
  if (startup === undefined) return undefined
  const figures = Object.entries(startup).map(
    ([major, { esm, commonjs }]) =>
      `${esm.ratio.median.toFixed(2)} and ${commonjs.ratio.median.toFixed(2)} on Node ${major}`,
  )
  return `Start: \`register()\` takes, as a ratio to \`NodeSDK\` with \`PrometheusExporter\` started by hand, from ES modules and CommonJS, ${figures.join(', ')}.`
}

function describeInstalled({ installed }: Results): string | undefined {
  if (installed === undefined) return undefined
  return `Installed: ${formatSize(installed.ours)}, of which OpenTelemetry's SDK and Prometheus exporter are ${formatSize(installed.byHand)}.`
}

/** The structure that grows most from the smallest size to the one that the defaults allow. */
function describeScale({ scale }: Results): string | undefined {
  if (scale === undefined) return undefined
  const usual = SIZES.indexOf(10_000)
  const growth = SCALE_CASES.map(({ name, title }) => {
    const ns = scale[name] ?? []
    return { title, ratio: (ns[usual] ?? Number.NaN) / (ns[0] ?? Number.NaN) }
  })
  const worst = growth.reduce((most, row) => (row.ratio > most.ratio ? row : most))
  return `Size: with 10,000 entries instead of 10, what grows most is "${worst.title}", by a factor of ${worst.ratio.toFixed(1)}.`
}
