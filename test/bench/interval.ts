/** The median of paired differences, and how sure it is. */
import { median } from './statistics.ts'

/** 95 % confidence: nothing is assumed about how the values are distributed (sign test). */
export interface Interval {
  readonly low: number
  readonly median: number
  readonly high: number
  /** Of values. */
  readonly count: number
}

const Z_95 = 1.96
/** Of fewer values, not even the smallest and the largest one are 95 % sure to have the median between them. */
export const FEWEST_VALUES = 6

/**
 * The median lies between the values of two ranks as surely as so many tosses of a coin fall between these numbers.
 * @throws RangeError when there are fewer than six values.
 */
export function intervalOf(values: readonly number[]): Interval {
  const count = values.length
  if (count < FEWEST_VALUES) throw new RangeError(`an interval of ${count} values`)
  const sorted = [...values].sort((a, b) => a - b)
  // Normal approximation of the binomial distribution, corrected for its steps.
  const rank = Math.max(0, Math.floor((count - 1 - Z_95 * Math.sqrt(count)) / 2))
  return {
    low: sorted[rank] as number,
    median: median(sorted),
    high: sorted[count - 1 - rank] as number,
    count,
  }
}

export type Verdict = 'within' | 'over' | 'not decided'

/**
 * Whether what was measured is within the budget for certain, or over it for certain.
 * @param control the same without what is measured: 0 if the measurement is right. By as much as it may be off, nothing is
 *   certain.
 */
export function judgeInterval(measured: Interval, control: Interval, budget: number): Verdict {
  const bias = Math.max(Math.abs(control.low), Math.abs(control.high))
  if (measured.high + bias <= budget) return 'within'
  return measured.low - bias > budget ? 'over' : 'not decided'
}
