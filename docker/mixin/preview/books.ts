/** Thirty days of a company's spend, made up but exact: office rhythm, a new model, a spike and who caused it. */
import { random } from '../worlds/processes.ts'

/** Less than the five minutes for which Prometheus takes a sample for the present one. */
export const SLOT_S = 240
export const DAYS = 30
export const ACCOUNT = 'prod'

/** The clock of the company: seconds east of UTC. Its days and months are of it. */
export interface Zone {
  readonly offsetS: number
}

const DAY_S = 86_400
/** When the pictures are taken: an afternoon says more than a night. */
const AFTERNOON_S = 16 * 3600 + 40 * 60

/** The zone in which it is afternoon. */
export function afternoonZone(nowS: number): Zone {
  // Whole hours: the past has samples at each.
  const offsetS = Math.round((AFTERNOON_S - (nowS % DAY_S)) / 3600) * 3600
  return { offsetS: offsetS > DAY_S / 2 ? offsetS - DAY_S : offsetS < -DAY_S / 2 ? offsetS + DAY_S : offsetS }
}

/** Days since the epoch. */
export function dayOf(timeS: number, { offsetS }: Zone): number {
  return Math.floor((timeS + offsetS) / DAY_S)
}

/** As the rules number months. */
export function monthOf(timeS: number, { offsetS }: Zone): number {
  const date = new Date((timeS + offsetS) * 1000)
  return date.getUTCFullYear() * 12 + date.getUTCMonth() + 1
}

/** When the day and the month of a moment began. */
export function startsOf(timeS: number, zone: Zone): { readonly day: number; readonly month: number } {
  const date = new Date((timeS + zone.offsetS) * 1000)
  return {
    day: dayOf(timeS, zone) * DAY_S - zone.offsetS,
    month: Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / 1000 - zone.offsetS,
  }
}

/** Spend of one label set in one slot. */
export interface Line {
  readonly job: string
  readonly team: string
  readonly model: string
  readonly endpoint: string
  readonly key: string
  /** Calls an hour at noon of a working day. */
  readonly callsPerHour: number
  readonly creditsPerCall: number
  readonly inputTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
  /** Days ago on which it began; from the beginning unless told. */
  readonly sinceDaysAgo?: number
  readonly untilDaysAgo?: number
  readonly hours?: 'office' | 'always' | 'night'
  readonly routedModel?: string
}

const line = (more: Partial<Line>): Line => ({
  job: 'shop-api',
  team: 'search',
  model: 'openai/gpt-5-mini',
  endpoint: 'chat',
  key: '7f3a90c1',
  callsPerHour: 1400,
  creditsPerCall: 1535,
  inputTokens: 1800,
  cachedTokens: 900,
  outputTokens: 260,
  hours: 'office',
  ...more,
})

/** Search moves to a larger model six days before the end. */
export const LINES: readonly Line[] = [
  line({ untilDaysAgo: 6 }),
  line({ model: 'openai/gpt-5', creditsPerCall: 7675, callsPerHour: 640, sinceDaysAgo: 6 }),
  line({
    team: 'support',
    job: 'helpdesk',
    model: 'anthropic/claude-sonnet-4.5',
    key: 'b21c55d0',
    callsPerHour: 220,
    creditsPerCall: 21_800,
    inputTokens: 3200,
    cachedTokens: 2100,
    outputTokens: 450,
  }),
  line({ team: 'support', job: 'helpdesk', key: 'b21c55d0', hours: 'always', callsPerHour: 120 }),
  line({
    team: 'search',
    job: 'indexer',
    model: 'text-embedding-3-large',
    endpoint: 'embeddings',
    callsPerHour: 9000,
    creditsPerCall: 260,
    inputTokens: 900,
    cachedTokens: 0,
    outputTokens: 0,
    hours: 'night',
  }),
  line({
    team: 'marketing',
    job: 'studio',
    model: 'flux/pro',
    endpoint: 'image',
    key: 'e9d04a77',
    callsPerHour: 45,
    creditsPerCall: 110_000,
    inputTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
  }),
  line({
    team: 'marketing',
    job: 'studio',
    model: 'auto',
    routedModel: 'google/gemini-2.5-flash',
    key: 'e9d04a77',
    callsPerHour: 150,
    creditsPerCall: 3100,
  }),
]

/** On a working day some days before the end, for ninety minutes, a loop of team search. */
export const SPIKE = { hour: 14, minutes: 90, factor: 18, line: 1 } as const

export interface Slot {
  readonly endS: number
  /** By index of `LINES`; whole calls. */
  readonly calls: readonly number[]
}

/** @param endS The end of the last slot. */
export function slots(endS: number, zone: Zone): Slot[] {
  const next = random(20_261_125)
  const count = (DAYS * DAY_S) / SLOT_S
  return Array.from({ length: count }, (_, index): Slot => {
    const at = endS - (count - 1 - index) * SLOT_S
    return {
      endS: at,
      calls: LINES.map((one, lineIndex) => {
        const usual =
          ((one.callsPerHour * SLOT_S) / 3600) * rhythm(one, at, endS, zone) * (0.75 + 0.5 * next())
        return Math.round(usual * (lineIndex === SPIKE.line && inSpike(at, endS, zone) ? SPIKE.factor : 1))
      }),
    }
  })
}

function inSpike(at: number, endS: number, zone: Zone): boolean {
  const today = dayOf(endS, zone)
  // 1970-01-01 was a Thursday; 0 and 6 are the weekend.
  const day = [3, 4, 5].map((ago) => today - ago).find((one) => ((one + 4) % 7) % 6 !== 0) ?? today
  const start = day * DAY_S - zone.offsetS + SPIKE.hour * 3600
  return at > start && at <= start + SPIKE.minutes * 60
}

/** 1 at noon of a working day. */
function rhythm({ sinceDaysAgo, untilDaysAgo, hours }: Line, at: number, endS: number, zone: Zone): number {
  const daysAgo = (startsOf(endS, zone).day - at) / DAY_S
  if (sinceDaysAgo !== undefined && daysAgo > sinceDaysAgo) return 0
  if (untilDaysAgo !== undefined && daysAgo <= untilDaysAgo) return 0
  const date = new Date((at + zone.offsetS) * 1000)
  const weekend = date.getUTCDay() % 6 === 0
  const hour = date.getUTCHours() + date.getUTCMinutes() / 60
  if (hours === 'always') return weekend ? 0.6 : 1
  if (hours === 'night') return hour >= 1 && hour < 4 ? 1 : 0
  const day = Math.max(0, Math.cos(((hour - 13) / 16) * Math.PI))
  return (0.04 + day) * (weekend ? 0.15 : 1)
}

/** Credits of one line in one slot. */
export function creditsOf(slot: Slot, lineIndex: number): number {
  return (slot.calls[lineIndex] ?? 0) * (LINES[lineIndex]?.creditsPerCall ?? 0)
}

/** US dollars of the slots that fit. */
export function bookedUsd(
  all: readonly Slot[],
  fits: (slot: Slot, line: Line) => boolean = () => true,
): number {
  let credits = 0
  for (const slot of all)
    for (const [index, one] of LINES.entries()) if (fits(slot, one)) credits += creditsOf(slot, index)
  return credits / 2_000_000
}
