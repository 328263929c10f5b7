/** Sums and differences of what was used, figure by figure. */
import type { Usage } from '../types.ts'

type WritableUsage = { -readonly [name in keyof Usage]: Usage[name] }
type Parts = Readonly<Record<string, number>> | undefined
type Combine = (a: number | undefined, b: number) => number | undefined

const FIGURES = ['inputTokens', 'outputTokens', 'credits', 'usd'] as const
const PARTS = ['details', 'units'] as const

export function sumOf(a: Usage, b: Usage): Usage {
  return combine(a, b, (first = 0, second) => first + second)
}

/** The higher of each figure. */
export function highestOf(a: Usage, b: Usage): Usage {
  return combine(a, b, (first = 0, second) => Math.max(first, second))
}

/** What `said` has more of than `counted`; figures that are not said, or have not grown, are left out. */
export function growthOf(counted: Usage, said: Usage): Usage {
  const growth = combine(counted, said, (first = 0, second) => Math.max(0, second - first))
  const grown: WritableUsage = {}
  for (const name of FIGURES) {
    const figure = said[name] === undefined ? undefined : growth[name]
    if (figure !== undefined && figure > 0) grown[name] = figure
  }
  for (const name of PARTS) {
    const parts = Object.entries((growth[name] ?? {}) as NonNullable<Parts>).filter(
      ([part, figure]) => figure > 0 && (said[name] as Parts)?.[part] !== undefined,
    )
    if (parts.length > 0) Object.assign(grown, { [name]: Object.fromEntries(parts) })
  }
  return grown
}

export function isNothing(usage: Usage): boolean {
  return Object.keys(usage).length === 0
}

function combine(a: Usage, b: Usage, figureOf: Combine): Usage {
  const combined: WritableUsage = { ...a }
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
