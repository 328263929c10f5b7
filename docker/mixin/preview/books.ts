/** Thirty days of a company's spend, made up but exact: office rhythm, a new model, a spike and who caused it. */
import { random } from '../worlds/processes.ts'

/** Less than the five minutes for which Prometheus takes a sample for the present one. */
export const SLOT_S = 240
export const DAYS = 30
export const ACCOUNT = 'prod'

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
  callsPerHour: 900,
  creditsPerCall: 2400,
  inputTokens: 1800,
  cachedTokens: 900,
  outputTokens: 260,
  hours: 'office',
  ...more,
})

/** Search moves to a larger model nine days before the end. */
export const LINES: readonly Line[] = [
  line({ untilDaysAgo: 9 }),
  line({ model: 'openai/gpt-5', creditsPerCall: 9800, callsPerHour: 500, sinceDaysAgo: 9 }),
  line({
    team: 'support',
    job: 'helpdesk',
    model: 'anthropic/claude-sonnet-4.5',
    key: 'b21c55d0',
    callsPerHour: 220,
    creditsPerCall: 21_000,
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

/** @param endS The end of the last slot; days and hours are of UTC. */
export function slots(endS: number): Slot[] {
  const next = random(20_261_125)
  const count = (DAYS * 86_400) / SLOT_S
  return Array.from({ length: count }, (_, index): Slot => {
    const at = endS - (count - 1 - index) * SLOT_S
    return {
      endS: at,
      calls: LINES.map((one, lineIndex) => {
        const usual = ((one.callsPerHour * SLOT_S) / 3600) * rhythm(one, at, endS) * (0.75 + 0.5 * next())
        return Math.round(usual * (lineIndex === SPIKE.line && inSpike(at, endS) ? SPIKE.factor : 1))
      }),
    }
  })
}

function inSpike(at: number, endS: number): boolean {
  const today = Math.floor(endS / 86_400)
  // 1970-01-01 was a Thursday; 0 and 6 are the weekend.
  const day = [3, 4, 5].map((ago) => today - ago).find((one) => ((one + 4) % 7) % 6 !== 0) ?? today
  const start = day * 86_400 + SPIKE.hour * 3600
  return at > start && at <= start + SPIKE.minutes * 60
}

/** 1 at noon of a working day. */
function rhythm({ sinceDaysAgo, untilDaysAgo, hours }: Line, at: number, endS: number): number {
  const daysAgo = (Math.floor(endS / 86_400) * 86_400 - at) / 86_400
  if (sinceDaysAgo !== undefined && daysAgo > sinceDaysAgo) return 0
  if (untilDaysAgo !== undefined && daysAgo <= untilDaysAgo) return 0
  const date = new Date(at * 1000)
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
