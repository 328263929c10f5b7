/** The curve of what the hot structures cost by their size. */
import { formatTable } from '../../scripts/docs/table.ts'
import type { Results } from './results.ts'
import { SCALE_CASES, SIZES } from './scale-cases.ts'

export function formatScale({ scale }: Results): string {
  if (scale === undefined) return 'Written by `npm run bench:scale -- --write`.'
  const rows = SCALE_CASES.filter(({ name }) => scale[name] !== undefined).map(({ name, title }) => [
    title,
    ...(scale[name] ?? []).map((ns) => formatNanoseconds(ns)),
  ])
  return formatTable(['One use, by entries', ...SIZES.map((size) => size.toLocaleString('en'))], rows)
}

function formatNanoseconds(ns: number): string {
  return ns < 10_000 ? `${ns.toFixed(0)} ns` : `${(ns / 1000).toFixed(1)} µs`
}
