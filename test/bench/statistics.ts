/** From slices to ratios: what a subject costs beside the plain process of the same round. */

/** One timed slice, as the measured process tells it. Times in microseconds, per call. */
export interface Slice {
  readonly calls: number
  /** Median latency. */
  readonly p50Us: number
  /** Of the whole process, garbage collection and compilation beside the main thread included. */
  readonly cpuUs: number
  /** Of the main thread alone. Absent where the system does not tell. */
  readonly threadCpuUs?: number
}

/** What two processes did in the same round, right after each other. */
export interface Round {
  readonly plain: Slice
  readonly subject: Slice
}

/** Quartiles of one figure over all rounds. */
export interface Spread {
  readonly q1: number
  readonly median: number
  readonly q3: number
}

export interface Comparison {
  readonly rounds: number
  /** Ratios to plain. */
  readonly p50: Spread
  readonly cpu: Spread
  /** Differences to plain per call, in microseconds. */
  readonly addedP50Us: Spread
  readonly addedCpuUs: Spread
  readonly addedThreadCpuUs?: Spread
  /** Difference to plain per call: bytes put on the heap. Absent where it was not counted. */
  readonly addedBytes?: number
}

type Figure = 'p50Us' | 'cpuUs' | 'threadCpuUs'

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

/**
 * @param addedBytes what a call puts on the heap beyond a plain one.
 * @throws RangeError when there are no rounds.
 */
export function compare(rounds: readonly Round[], addedBytes?: number): Comparison {
  const ratios = (figure: 'p50Us' | 'cpuUs'): Spread =>
    spreadOf(rounds.map(({ plain, subject }) => subject[figure] / plain[figure]))
  const differences = (figure: Figure): Spread | undefined => {
    const values = rounds.map(({ plain, subject }) => difference(subject[figure], plain[figure]))
    const known = values.filter((value) => value !== undefined)
    return known.length === 0 ? undefined : spreadOf(known)
  }
  const addedThreadCpuUs = differences('threadCpuUs')
  return {
    rounds: rounds.length,
    p50: ratios('p50Us'),
    cpu: ratios('cpuUs'),
    addedP50Us: differences('p50Us') as Spread,
    addedCpuUs: differences('cpuUs') as Spread,
    ...(addedThreadCpuUs !== undefined && { addedThreadCpuUs }),
    ...(addedBytes !== undefined && { addedBytes }),
  }
}

function difference(value: number | undefined, from: number | undefined): number | undefined {
  return value === undefined || from === undefined ? undefined : value - from
}

/** What a plain call takes, over all rounds. */
export function plainOf(slices: readonly Slice[]): { readonly p50Us: number; readonly cpuUs: number } {
  return {
    p50Us: median(slices.map(({ p50Us }) => p50Us)),
    cpuUs: median(slices.map(({ cpuUs }) => cpuUs)),
  }
}
