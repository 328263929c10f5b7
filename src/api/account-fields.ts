/** Single fields of account answers: from any JSON value to what it says, or `undefined`. Nothing here throws. */
import { CREDITS_PER_USD } from './credits.ts'
import type { Fields } from './fields.ts'

/** More than that would not be exact in credits. */
export const MAX_USD = Math.floor(Number.MAX_SAFE_INTEGER / CREDITS_PER_USD)

/** A balance: may be below zero. */
export function money(value: unknown, limit: number): number | undefined {
  return typeof value === 'number' && Math.abs(value) <= limit ? value : undefined
}

export function amount(value: unknown, limit: number = Number.MAX_SAFE_INTEGER): number | undefined {
  const said = money(value, limit)
  return said !== undefined && said >= 0 ? said : undefined
}

export function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

export function text(value: unknown, maxLength = 256): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= maxLength ? value : undefined
}

export function oneOf<Word extends string>(words: readonly Word[], value: unknown): Word | undefined {
  return words.find((word) => word === value)
}

export function time(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return undefined
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? undefined : ms
}

export function isUsd(body: Fields): boolean {
  return body['currency'] === undefined || body['currency'] === 'USD'
}

export function instant(ms: number): string {
  return new Date(ms).toISOString()
}

export function query(parameters: Readonly<Record<string, string | number>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
}

type Compact<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K]
} & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> }

/** Without the fields that are not there. */
export function compact<T extends object>(fields: T): Compact<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Compact<T>
}
