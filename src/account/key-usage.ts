/**
 * What each key of the account spends on each model (`GET /v2/usage/detail`), by any program that uses it: as counters
 * since the start of this process, and as the figures of the day and the month (UTC).
 */
import { parseUsageDetail, usageDetailPath, type UsageGroup } from '../api/account-usage.ts'
import type { KeyFacts } from '../api/account-keys.ts'
import type { SpendSnapshot, UsageGrowth } from '../ports.ts'
import type { AccountApi } from './account-api.ts'
import type { Clock } from './clock.ts'
import { prefixOf } from './keys.ts'
import type { RoundResult } from './poller.ts'
import { UsageMarks } from './usage-marks.ts'

export interface UsageOptions {
  readonly api: AccountApi
  readonly clock: Clock
  readonly isManaged: boolean
  /** Called with everything new since the first response, once. */
  readonly onGrowth: (growth: UsageGrowth) => void
  /** Called in every round with every model that was used this month. */
  readonly onModel: (model: string) => void
}

/** Follows the usage of all keys of one account. */
export interface AccountUsage {
  /** One round of requests, to be run by a poller. */
  round(): Promise<RoundResult>
  /** Sets the keys of the account, as it lists them: their usage is requested, most often of those in use. */
  keys(keys: readonly KeyFacts[]): void
  /** The figures of the last good responses. Never waits. */
  spend(): SpendSnapshot[]
}

interface KeyUsage {
  readonly marks: UsageMarks
  /** Its figures are counted: it was created after the start of this process, or has been read once. */
  isCounted: boolean
  askedAtMs: number
  /** Its usage in the list of keys; `changedAtMs`: when that changed. */
  listedUsd: number | undefined
  changedAtMs: number
  groups: readonly UsageGroup[]
  /** Time of `groups` by the server's clock: their day and month. */
  answeredMs: number
}

const DAY_MS = 24 * 60 * 60_000
/** Figures may still grow for this long after their day: growth of these days is counted. */
const SETTLING_DAYS = 2
/** The usage of a key in use is requested in every round, until it has not changed for this long; … */
const QUIET_MS = 10 * 60_000
/** … then this rarely: requests that fail cost nothing and do not show in the list of keys. */
const SLOW_MS = 10 * 60_000
/** Keys in one round; the others come first in the next. */
const MAX_KEYS_PER_ROUND = 20

export function createUsage({ api, clock, isManaged, onGrowth, onModel }: UsageOptions): AccountUsage {
  const registeredMs = clock.now()
  const usages = new Map<string, KeyUsage>()
  let listed: readonly KeyFacts[] | undefined

  function usageOf(prefix: string, isNew: boolean): KeyUsage {
    const known = usages.get(prefix)
    if (known !== undefined) return known
    const never = Number.NEGATIVE_INFINITY
    const usage: KeyUsage = {
      marks: new UsageMarks(),
      isCounted: isNew,
      askedAtMs: never,
      listedUsd: undefined,
      changedAtMs: never,
      groups: [],
      answeredMs: 0,
    }
    usages.set(prefix, usage)
    return usage
  }

  function duePrefixes(): string[] {
    const nowMs = clock.monotonicMs()
    if (!isManaged) {
      usageOf(prefixOf(api.apiKey), false)
      return [...usages.keys()]
    }
    const today = dayOf(api.serverTime(clock.now()))
    const isDue = ({ changedAtMs, askedAtMs, answeredMs }: KeyUsage): boolean =>
      nowMs - changedAtMs < QUIET_MS || nowMs - askedAtMs >= SLOW_MS || dayOf(answeredMs) !== today
    return [...usages]
      .filter(([prefix, usage]) => listed?.some((key) => key.prefix === prefix) === true && isDue(usage))
      .sort(([, a], [, b]) => a.askedAtMs - b.askedAtMs)
      .slice(0, MAX_KEYS_PER_ROUND)
      .map(([prefix]) => prefix)
  }

  async function askFor(prefix: string): Promise<RoundResult> {
    const endMs = api.serverTime(clock.now())
    const settlingDay = dayOf(endMs - SETTLING_DAYS * DAY_MS)
    const startMs = Math.min(Date.parse(monthOf(endMs)), Date.parse(settlingDay))
    const reply = await api.ask({
      poll: 'usage',
      path: usageDetailPath({
        startMs,
        endMs: Math.max(endMs, startMs + 1),
        groupBy: 'day,model',
        ...(isManaged && { keyPrefix: prefix }),
      }),
      parse: parseUsageDetail,
      isFlawed: ({ malformed }) => malformed > 0,
    })
    if (!('value' in reply)) return reply
    const usage = usageOf(prefix, false)
    usage.askedAtMs = clock.monotonicMs()
    usage.groups = reply.value.groups
    usage.answeredMs = endMs
    for (const group of reply.value.groups) {
      if (group.model !== undefined) onModel(group.model)
      if (group.day === undefined || group.day < settlingDay) continue
      const growth = usage.marks.growth(group)
      if (growth === undefined || !usage.isCounted) continue
      const { model } = group
      onGrowth({ account: api.name, keyPrefix: prefix, ...growth, ...(model !== undefined && { model }) })
    }
    // What the key had spent before the first response is not counted.
    usage.isCounted = true
    usage.marks.forget(settlingDay)
    return {}
  }

  return {
    async round() {
      let failure: RoundResult = {}
      for (const prefix of duePrefixes()) {
        const result = await askFor(prefix)
        if (result.errorType === undefined) continue
        failure = result
        // 404: the key was just deleted. Any other error would be the same for all keys.
        if (result.errorType !== '404') break
      }
      return failure.errorType === '404' && isManaged ? {} : failure
    },
    keys(keys) {
      listed = keys
      for (const { prefix, usageUsd, createdMs } of keys) {
        const isNew = createdMs !== undefined && createdMs >= api.serverTime(registeredMs)
        const usage = usageOf(prefix, isNew)
        if (usage.listedUsd !== usageUsd) usage.changedAtMs = clock.monotonicMs()
        usage.listedUsd = usageUsd
      }
      forgetDeleted()
    },
    spend() {
      const nowMs = api.serverTime(clock.now())
      return [...usages].flatMap(([prefix, usage]) => readSpend(prefix, usage, nowMs))
    },
  }

  /** Keeps deleted keys until the end of the month, because their spend belongs to it. */
  function forgetDeleted(): void {
    const month = monthOf(api.serverTime(clock.now()))
    for (const [prefix, { groups }] of usages) {
      const isGone = listed?.every((key) => key.prefix !== prefix) === true
      if (isGone && groups.every(({ day = '' }) => day < month)) usages.delete(prefix)
    }
  }
}

/** Spend by model, of the current day and month. Before the first response of a new day its figure is absent. */
function readSpend(keyPrefix: string, { groups, answeredMs }: KeyUsage, nowMs: number): SpendSnapshot[] {
  const [today, month] = [dayOf(nowMs), monthOf(nowMs)]
  const byModel = new Map<string | undefined, { dayUsd: number; monthUsd: number }>()
  for (const { day = '', model, usd } of groups) {
    let spend = byModel.get(model)
    if (spend === undefined) byModel.set(model, (spend = { dayUsd: 0, monthUsd: 0 }))
    if (day === today) spend.dayUsd += usd
    if (day >= month) spend.monthUsd += usd
  }
  return [...byModel].map(([model, { dayUsd, monthUsd }]) => ({
    keyPrefix,
    ...(model !== undefined && { model }),
    ...(dayOf(answeredMs) === today && { dayUsd }),
    ...(monthOf(answeredMs) === month && { monthUsd }),
  }))
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

/** The first day of the month. */
function monthOf(ms: number): string {
  return `${dayOf(ms).slice(0, 8)}01`
}
