/** What starting takes, loads and weighs. */
import { code, codes, formatTable } from '../../scripts/docs/table.ts'
import { formatSpread } from './markdown.ts'
import type { InstalledSize } from './installation.ts'
import type { Results, StartupResult } from './results.ts'

const MEGABYTE = 1_000_000
/** Highest accepted start, as a ratio to the same by hand. */
const MAX_RATIO = 1.1

export function formatStartup({ startup = {}, installed }: Results): string {
  const nodes = Object.entries(startup)
  if (nodes.length === 0 || installed === undefined) return 'Written by `npm run bench:startup -- --write`.'
  const rows = nodes.map(([major, { esm, commonjs, loaded }]) => [
    `Node ${major}`,
    ...[esm, commonjs].flatMap(({ oursMs, byHandMs, ratio }) => [
      `${oursMs.toFixed(0)} ms, ${byHandMs.toFixed(0)} ms`,
      formatSpread(ratio),
    ]),
    `${loaded.ours}, ${loaded.byHand}`,
  ])
  return [
    `Import and start, ${code('register()')} and ${code('NodeSDK')} with ${code('PrometheusExporter')} by hand, medians of interleaved processes:`,
    '',
    formatTable(
      [
        '',
        'ES modules: ours, by hand',
        'Ratio',
        'CommonJS: ours, by hand',
        'Ratio',
        'Packages loaded: ours, by hand',
      ],
      rows,
    ),
    '',
    describeBudget(nodes),
    '',
    describeHeavy(nodes.map(([, result]) => result)),
    '',
    `Installed into an empty folder: ${formatSize(installed.ours)}; without this package, ${code('@opentelemetry/sdk-node')} and ${code('@opentelemetry/exporter-prometheus')} are ${formatSize(installed.byHand)}.`,
  ].join('\n')
}

function describeBudget(nodes: readonly [major: string, result: StartupResult][]): string {
  const over = nodes.flatMap(([major, { esm, commonjs }]) =>
    Object.entries({ 'ES modules': esm, CommonJS: commonjs })
      .filter(([, { ratio }]) => ratio.median > MAX_RATIO)
      .map(([format, { ratio }]) => `${format} on Node ${major} ${ratio.median.toFixed(2)}`),
  )
  const budget = `The budget is a ratio of ${MAX_RATIO.toFixed(2)}`
  return over.length === 0 ? `${budget}; everything is within it.` : `${budget}; over it: ${over.join(', ')}.`
}

function describeHeavy(results: readonly StartupResult[]): string {
  const union = (who: 'ours' | 'byHand'): string[] =>
    [...new Set(results.flatMap(({ heavy }) => heavy[who]))].sort()
  const [ours, byHand] = [union('ours'), union('byHand')]
  const onlyOurs = ours.filter((name) => !byHand.includes(name))
  const say = (names: readonly string[]): string => (names.length === 0 ? 'none' : codes(names))
  return `Loaded though the configuration does not use them: by hand ${say(byHand)}; by this package alone ${say(onlyOurs)}.`
}

export function formatSize({ packages, bytes }: InstalledSize): string {
  return `${packages} packages, ${(bytes / MEGABYTE).toFixed(1)} MB`
}
