/** Sums, maxima and differences of usage, figure by figure. */
import { isEmpty } from '../api/usage.ts'
import type { Usage } from '../types.ts'
import type { Writable } from '../writable.ts'

type Parts = Readonly<Record<string, number>> | undefined
type PartsOf<Name extends string> = Readonly<Partial<Record<Name, number>>> | undefined
type Combine = (a: number | undefined, b: number) => number | undefined

const FIGURES = ['inputTokens', 'outputTokens', 'credits', 'usd'] as const
const PARTS = ['details', 'units'] as const

/** The sum of each figure. */
export function sumOf(a: Usage, b: Usage): Usage {
  return combine(a, b, (first = 0, second) => first + second)
}

/** The higher of each figure: those of one generation only grow. */
export function highestUsage(a: Usage, b: Usage): Usage {
  if (isEmpty(a)) return b
  const highest: Writable<Usage> = { ...a }
  for (const name of FIGURES) {
    const figure = b[name]
    if (figure !== undefined) highest[name] = Math.max(figure, a[name] ?? 0)
  }
  const details = highestParts(a.details, b.details)
  if (details !== undefined) highest.details = details
  const units = highestParts(a.units, b.units)
  if (units !== undefined) highest.units = units
  return highest
}

/** By how much `reported` exceeds `counted`. Figures that are absent in `reported`, or have not grown, are left out. */
export function growthOf(counted: Usage, reported: Usage): Usage {
  const growth = combine(counted, reported, (first = 0, second) => Math.max(0, second - first))
  const grown: Writable<Usage> = {}
  for (const name of FIGURES) {
    const figure = reported[name] === undefined ? undefined : growth[name]
    if (figure !== undefined && figure > 0) grown[name] = figure
  }
  for (const name of PARTS) {
    const parts = Object.entries((growth[name] ?? {}) as NonNullable<Parts>).filter(
      ([part, figure]) => figure > 0 && (reported[name] as Parts)?.[part] !== undefined,
    )
    if (parts.length > 0) Object.assign(grown, { [name]: Object.fromEntries(parts) })
  }
  return grown
}

function combine(a: Usage, b: Usage, figureOf: Combine): Usage {
  const combined: Writable<Usage> = { ...a }
  for (const name of FIGURES) {
    const figure = b[name] === undefined ? a[name] : figureOf(a[name], b[name])
    if (figure !== undefined) combined[name] = figure
  }
  for (const name of PARTS) {
    const parts = combineParts(a[name], b[name], figureOf)
    if (parts !== undefined) Object.assign(combined, { [name]: parts })
  }
  return combined
}

function combineParts(a: Parts, b: Parts, figureOf: Combine): Parts {
  if (b === undefined) return a
  const entries = Object.entries(b).map(([name, figure]) => [name, figureOf(a?.[name], figure)])
  return { ...a, ...Object.fromEntries(entries) }
}

function highestParts<Name extends string>(a: PartsOf<Name>, b: PartsOf<Name>): PartsOf<Name> {
  if (a === undefined || b === undefined) return a ?? b
  const names = Object.keys({ ...a, ...b }) as Name[]
  return Object.fromEntries(
    names.map((name) => [name, Math.max(a[name] ?? 0, b[name] ?? 0)]),
  ) as PartsOf<Name>
}
