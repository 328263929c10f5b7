/** The period of a report: from flags of the command line to two times. */
import { ConfigurationError } from '../config.ts'
import { MAX_USAGE_DAYS } from '../api/account-usage.ts'

/** A period in one time zone. */
export interface Period {
  /** Inclusive, milliseconds since the epoch. */
  readonly startMs: number
  /** Exclusive. */
  readonly endMs: number
  /** Canonical IANA name in which days are counted. */
  readonly timeZone: string
}

/** The flags of a period, as text. */
export interface PeriodWords {
  /** `24h`, `30d` (whole days, today included), `today`, `month` or `YYYY-MM-DD`. Default `30d`. */
  readonly since?: string | undefined
  /** `YYYY-MM-DD`, that day included. Default: now. */
  readonly until?: string | undefined
  /** Default UTC. */
  readonly timeZone?: string | undefined
}

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS
const SINCE = `24h, 30d, today, month or a date such as 2026-11-01, at most ${MAX_USAGE_DAYS} days ago`

/** Reads a period. @throws ConfigurationError that names the flag, its value and what is accepted. */
export function readPeriod(words: PeriodWords, nowMs: number): Period {
  const timeZone = readTimeZone(words.timeZone ?? 'UTC')
  const endMs =
    words.until === undefined
      ? nowMs
      : Math.min(nowMs, startOfDay(addDays(readDate('--until', words.until), 1), timeZone))
  const startMs = readSince(words.since ?? '30d', nowMs, timeZone)
  if (startMs >= endMs)
    throw new ConfigurationError(
      `--since is ${JSON.stringify(words.since ?? '30d')} and --until ${JSON.stringify(words.until ?? 'now')}; accepted: a --since in the past and before the end of --until`,
    )
  // By local time: 92 days that include one of 25 hours are still 92 days.
  if (wallClockMs(timeZone, endMs) - wallClockMs(timeZone, startMs) > MAX_USAGE_DAYS * DAY_MS)
    throw new ConfigurationError(
      `--since is ${JSON.stringify(words.since)}, too long before --until; accepted: at most ${MAX_USAGE_DAYS} days, the API has no more`,
    )
  return { startMs: Math.max(startMs, endMs - MAX_USAGE_DAYS * DAY_MS), endMs, timeZone }
}

/** The calendar day of a time, `YYYY-MM-DD`. */
export function dayIn(timeZone: string, ms: number): string {
  // The Swedish date format is that of ISO 8601.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(ms)
}

/** The time at which a day begins, also when clocks change on that day. */
export function startOfDay(day: string, timeZone: string): number {
  const utcMs = Date.parse(day)
  let ms = utcMs - offsetMs(timeZone, utcMs)
  ms = utcMs - offsetMs(timeZone, ms)
  // When the clocks skip midnight, the day begins an hour later.
  return dayIn(timeZone, ms) < day ? ms + HOUR_MS : ms
}

/** The calendar day that is `days` after `day`. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10)
}

function wallClockMs(timeZone: string, ms: number): number {
  return ms + offsetMs(timeZone, ms)
}

function offsetMs(timeZone: string, ms: number): number {
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(
    ms,
  )
  return Date.parse(`${text.replace(' ', 'T')}Z`) - Math.floor(ms / 1000) * 1000
}

function readSince(text: string, nowMs: number, timeZone: string): number {
  const today = dayIn(timeZone, nowMs)
  if (text === 'today') return startOfDay(today, timeZone)
  if (text === 'month') return startOfDay(`${today.slice(0, 8)}01`, timeZone)
  const [, count, unit] = /^([1-9]\d{0,3})([hd])$/.exec(text) ?? []
  if (count !== undefined && unit === 'h') return nowMs - Number(count) * HOUR_MS
  if (count !== undefined) return startOfDay(addDays(today, 1 - Number(count)), timeZone)
  return startOfDay(readDate('--since', text, SINCE), timeZone)
}

function readDate(flag: string, text: string, accepted = 'a date such as 2026-11-01'): string {
  const isDate = /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))
  if (isDate && new Date(Date.parse(text)).toISOString().startsWith(text)) return text
  throw new ConfigurationError(`${flag} is ${JSON.stringify(text.slice(0, 40))}; accepted: ${accepted}`)
}

function readTimeZone(text: string): string {
  const known = ['UTC', ...Intl.supportedValuesOf('timeZone')]
  if (known.includes(text) || isNewerName(text, known)) return text
  const close = known.find((name) => name.toLowerCase() === text.toLowerCase())
  const hint = close === undefined ? '' : `. Did you mean ${close}?`
  throw new ConfigurationError(
    `--tz is ${JSON.stringify(text.slice(0, 40))}; accepted: UTC or a name such as Europe/Berlin${hint}`,
  )
}

/** Node.js lists Asia/Calcutta and Europe/Kiev, and takes Asia/Kolkata and Europe/Kyiv, as the API wants them, for the same. */
function isNewerName(text: string, known: readonly string[]): boolean {
  if (!known.some((name) => name.split('/')[0] === text.split('/')[0])) return false
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions()
    return timeZone.toLowerCase() !== text.toLowerCase()
  } catch {
    return false
  }
}
