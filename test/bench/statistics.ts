/** From slices to ratios: what a subject costs beside the plain slices around it. */

/** One timed slice, as the measured process tells it. Times in microseconds, per call. */
export interface Slice {
  readonly calls: number
  /** Median latency; for paced streams the median delay of a chunk. */
  readonly p50Us: number
  readonly cpuUs: number
  /** Elapsed time per call, 0 where the server sets the pace. */
  readonly wallUs: number
}

/** Two slices of each state, in the order plain, on, on, plain or the reverse. */
export interface Pair {
  readonly plain: readonly Slice[]
  readonly on: readonly Slice[]
}

/** Quartiles of one figure over all pairs. */
export interface Spread {
  readonly q1: number
  readonly median: number
  readonly q3: number
}

export interface Comparison {
  readonly pairs: number
  /** Ratios to plain. */
  readonly p50: Spread
  readonly cpu: Spread
  /** Calls per second, above 1 is faster. Absent where the server sets the pace. */
  readonly throughput?: Spread
  /** Differences to plain per call, in microseconds. */
  readonly addedP50Us: Spread
  readonly addedCpuUs: Spread
}

type Figure = Exclude<keyof Slice, 'calls'>

/**
 * Linear interpolation between the closest ranks, as spreadsheets do it.
 * @param share 0 to 1.
 * @throws RangeError when there are no values.
 */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('a quantile of no values')
  const sorted = [...values].sort((a, b) => a - b)
  const position = (sorted.length - 1) * share
  const below = sorted[Math.floor(position)] ?? Number.NaN
  const above = sorted[Math.ceil(position)] ?? Number.NaN
  return below + (above - below) * (position - Math.floor(position))
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function spreadOf(values: readonly number[]): Spread {
  return { q1: quantile(values, 0.25), median: quantile(values, 0.5), q3: quantile(values, 0.75) }
}

/** @throws RangeError when there are no pairs. */
export function compare(pairs: readonly Pair[]): Comparison {
  const ratios = (figure: Figure): number[] =>
    pairs.map(({ plain, on }) => meanOf(on, figure) / meanOf(plain, figure))
  const differences = (figure: Figure): number[] =>
    pairs.map(({ plain, on }) => meanOf(on, figure) - meanOf(plain, figure))
  const isPaced = pairs.some(({ plain }) => meanOf(plain, 'wallUs') === 0)
  return {
    pairs: pairs.length,
    p50: spreadOf(ratios('p50Us')),
    cpu: spreadOf(ratios('cpuUs')),
    ...(!isPaced && { throughput: spreadOf(ratios('wallUs').map((ratio) => 1 / ratio)) }),
    addedP50Us: spreadOf(differences('p50Us')),
    addedCpuUs: spreadOf(differences('cpuUs')),
  }
}

/** What a call takes without anything, over the plain slices of all pairs. */
export function plainOf(pairs: readonly Pair[]): { readonly p50Us: number; readonly cpuUs: number } {
  const slices = pairs.flatMap(({ plain }) => plain)
  return {
    p50Us: median(slices.map(({ p50Us }) => p50Us)),
    cpuUs: median(slices.map(({ cpuUs }) => cpuUs)),
  }
}

function meanOf(slices: readonly Slice[], figure: Figure): number {
  return slices.reduce((sum, slice) => sum + slice[figure], 0) / slices.length
}
