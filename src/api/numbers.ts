/** Numbers of responses. NaN, infinities, negatives and other types give `undefined`. */

/** Decimals as programs write them: `12`, `12.50`, `.5`, `5.`, `+5`, `1.2e3`. */
const DECIMAL = /^\+?(?:\d{1,32}(?:\.\d{0,32})?|\.\d{1,32})(?:e[+-]?\d{1,3})?$/i

/** A count: whole, not negative, and exact in a double. Text gives `undefined`. */
export function readCount(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) + 0 : undefined
}

/** An amount that may be a fraction, as a number or as text: `1199.5`, `"1199.0"`, `"1.2e3"`. At most 2^53 - 1. */
export function readAmount(value: unknown): number | undefined {
  if (typeof value === 'string') {
    const text = value.trim()
    return DECIMAL.test(text) ? readAmount(Number(text)) : undefined
  }
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value + 0 : undefined
}
