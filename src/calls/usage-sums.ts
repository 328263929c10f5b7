/** Sums, maxima and differences of usage, figure by figure. */
import { isEmpty } from '../api/usage.ts'
import type { Usage } from '../types.ts'
import type { Writable } from '../writable.ts'

type Parts = Readonly<Record<string, number>> | undefined
type Combine = (a: number | undefined, b: number) => number

const FIGURES = ['inputTokens', 'outputTokens', 'credits', 'usd'] as const
const PARTS = ['details', 'units'] as const

/** Sums of dollars are not exact; a credit is 5e-7 dollars. */
const MAX_ERROR = 1e-9

/** The sum of each figure. */
export function sumOf(a: Usage, b: Usage): Usage {
  return combine(a, b, (first = 0, second) => first + second)
}

/** The higher of each figure: those of one generation only grow. */
export function highestUsage(a: Usage, b: Usage): Usage {
  return isEmpty(a) ? b : combine(a, b, (first = 0, second) => Math.max(first, second))
}

/** By how much `reported` exceeds `counted`. Figures that are absent in `reported`, or have not grown, are left out. */
export function growthOf(counted: Usage, reported: Usage): Usage {
  const grown: Writable<Usage> = {}
  for (const name of FIGURES) {
    const more = (reported[name] ?? 0) - (counted[name] ?? 0)
    if (more > MAX_ERROR) grown[name] = more
  }
  for (const name of PARTS) {
    const before: Parts = counted[name]
    const parts = Object.entries(reported[name] ?? {})
      .map(([part, figure]) => [part, figure - (before?.[part] ?? 0)] as const)
      .filter(([, more]) => more > MAX_ERROR)
    if (parts.length > 0) Object.assign(grown, { [name]: Object.fromEntries(parts) })
  }
  return grown
}

function combine(a: Usage, b: Usage, figureOf: Combine): Usage {
  const combined: Writable<Usage> = { ...a }
  for (const name of FIGURES) {
    const figure = b[name]
    if (figure !== undefined) combined[name] = figureOf(a[name], figure)
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
