/** Single fields of account responses: any JSON value → a checked value, or `undefined`. Nothing here throws. */
import { CREDITS_PER_USD } from './credits.ts'
import { readAmount, type Fields } from './fields.ts'

/** The largest amount in US dollars that is exact in credits. */
export const MAX_USD = Math.floor(Number.MAX_SAFE_INTEGER / CREDITS_PER_USD)

/** A decimal, as a number or as text, that may be below zero, such as a balance; at most `limit` in size. */
export function money(value: unknown, limit: number): number | undefined {
  const isBelow = typeof value === 'string' && value.startsWith('-')
  const number =
    typeof value === 'number' ? value : (readAmount(isBelow ? value.slice(1) : value) ?? Number.NaN)
  return Math.abs(number) <= limit ? (isBelow ? -number : number) : undefined
}

/** A number from 0 to `limit`. */
export function amount(value: unknown, limit: number = Number.MAX_SAFE_INTEGER): number | undefined {
  const number = money(value, limit)
  return number !== undefined && number >= 0 ? number : undefined
}

export function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

/** Text that is not empty, of at most `maxLength` characters. */
export function text(value: unknown, maxLength = 256): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= maxLength ? value : undefined
}

export function oneOf<Word extends string>(words: readonly Word[], value: unknown): Word | undefined {
  return words.find((word) => word === value)
}

/** A date-time in ISO 8601 as milliseconds since the epoch. Without an offset it is UTC, as in the API's parameters. */
export function time(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d[T ]/.test(value)) return undefined
  const ms = Date.parse(/(?:Z|[+-]\d\d(?::?\d\d)?)$/i.test(value) ? value : `${value}Z`)
  return Number.isNaN(ms) ? undefined : ms
}

/** Whether the amounts of an object are US dollars: its `currency` is `USD` or absent. */
export function isUsd(body: Fields): boolean {
  return body['currency'] === undefined || body['currency'] === 'USD'
}

/** Milliseconds since the epoch as ISO 8601, for a query. */
export function instant(ms: number): string {
  return new Date(ms).toISOString()
}

/** The parameters that have a value, as a query string without `?`. */
export function query(parameters: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(compact(parameters) as Readonly<Record<string, string | number>>)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
}

type Compact<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K]
} & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> }

/** The object without its undefined fields. */
export function compact<T extends object>(fields: T): Compact<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Compact<T>
}
