/**
 * What each key of the account spends on each model (`GET /v2/usage/detail`), by any program that uses it: as counters
 * since the start of this process, and as the figures of the day and the month (UTC).
 */
import { MAX_KEYS } from '../account-names.ts'
import type { KeyFacts } from '../api/account-keys.ts'
import { parseUsageDetail, usageDetailPath, type UsageGroup } from '../api/account-usage.ts'
import type { SpendSnapshot, UsageGrowth } from '../ports.ts'
import type { AccountApi } from './account-api.ts'
import { createKeyLifetime, type KeyLifetime } from './key-lifetime.ts'
import { prefixOf } from './keys.ts'
import type { RoundResult } from './poller.ts'
import { dayOf, monthOf, sumSpend, spentSince, weekOf, type UsageResponse } from './spend-periods.ts'
import { UsageMarks } from './usage-marks.ts'

export interface UsageOptions {
  readonly api: AccountApi
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
  /** US dollars that a key spent in the period of its limit that lasts now, where it is known. Never waits. */
  spentOfLimit(key: Pick<KeyFacts, 'prefix' | 'retention'>): number | undefined
}

interface KeyUsage extends UsageResponse {
  readonly marks: UsageMarks
  /** Its figures are counted: it was created after the start of this process, or has been read once. */
  isCounted: boolean
  askedAtMs: number
  /** When it was last requested, with or without success: a key that fails must not stand before all others. */
  triedAtMs: number
  /** Its usage in the list of keys; `changedAtMs`: when that changed. */
  listedUsd: number | undefined
  changedAtMs: number
  /** When the account listed it last. */
  listedAtMs: number
  groups: UsageResponse['groups']
  answeredMs: number
  /** Where the key has a limit that is never reset. */
  lifetime?: KeyLifetime
}

const DAY_MS = 24 * 60 * 60_000
/** Figures may still grow for this long after their day: growth of these days is counted. */
const SETTLING_DAYS = 2
/** The usage of a key in use is requested in every round, until it has not changed for this long; … */
const QUIET_MS = 10 * 60_000
/** … then this rarely: requests that fail cost nothing and do not show in the list of keys. */
const SLOW_MS = 10 * 60_000
/** Of one round: keys that wait come first in the next. */
const MAX_KEYS_PER_ROUND = 20

/** Follows the usage of the keys of one account; nothing is requested before `round`. */
export function createUsage({ api, onGrowth, onModel }: UsageOptions): AccountUsage {
  const { clock, isManaged } = api
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
      triedAtMs: never,
      listedUsd: undefined,
      changedAtMs: never,
      listedAtMs: clock.monotonicMs(),
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
    const today = dayOf(api.serverNow())
    const isDue = ({ changedAtMs, askedAtMs, answeredMs }: KeyUsage): boolean =>
      nowMs - changedAtMs < QUIET_MS || nowMs - askedAtMs >= SLOW_MS || dayOf(answeredMs) !== today
    return [...usages]
      .filter(([prefix, usage]) => listed?.some((key) => key.prefix === prefix) === true && isDue(usage))
      .sort(([, a], [, b]) => a.triedAtMs - b.triedAtMs)
      .slice(0, MAX_KEYS_PER_ROUND)
      .map(([prefix]) => prefix)
  }

  async function askFor(prefix: string): Promise<RoundResult> {
    const usage = usageOf(prefix, false)
    usage.triedAtMs = clock.monotonicMs()
    const endMs = api.serverNow()
    const settlingDay = dayOf(endMs - SETTLING_DAYS * DAY_MS)
    const startMs = Math.min(...[monthOf(endMs), weekOf(endMs), settlingDay].map((day) => Date.parse(day)))
    const reply = await api.ask({
      poll: 'usage',
      path: usageDetailPath({
        startMs,
        endMs: Math.max(endMs, startMs + 1),
        groupBy: 'day,model',
        keyPrefix: isManaged ? prefix : undefined,
      }),
      parse: parseUsageDetail,
      isFlawed: ({ malformed }) => malformed > 0,
    })
    if (!('value' in reply)) return reply
    usage.askedAtMs = clock.monotonicMs()
    usage.groups = reply.value.groups
    usage.answeredMs = endMs
    // The models that were used last, and cost most, are named last: places for models are few.
    for (const group of reply.value.groups.toSorted(byDayAndSpend)) {
      const { model, day } = group
      if (model !== undefined) onModel(model)
      if (day < settlingDay) continue
      const growth = usage.marks.growth(group)
      if (growth === undefined || !usage.isCounted) continue
      onGrowth({ account: api.name, keyPrefix: prefix, ...growth, ...(model !== undefined && { model }) })
    }
    // What the key had spent before the first response is not counted.
    usage.isCounted = true
    usage.marks.forget(settlingDay)
    await usage.lifetime?.learn(usage, startMs)
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
      for (const { prefix, usageUsd, createdMs, retention } of keys) {
        const isNew = createdMs !== undefined && createdMs >= api.serverTime(registeredMs)
        const usage = usageOf(prefix, isNew)
        if (usage.listedUsd !== usageUsd) usage.changedAtMs = clock.monotonicMs()
        usage.listedUsd = usageUsd
        usage.listedAtMs = clock.monotonicMs()
        if (retention !== 'no_reset') delete usage.lifetime
        else if (createdMs !== undefined)
          usage.lifetime ??= createKeyLifetime(api, createdMs, isManaged ? prefix : undefined)
      }
      // Without a management key the response has one key only, the one that was used last.
      if (isManaged) forgetDeleted()
    },
    spend() {
      const nowMs = api.serverNow()
      return [...usages].flatMap(([prefix, usage]) => sumSpend(prefix, usage, nowMs))
    },
    spentOfLimit({ prefix, retention }) {
      const usage = usages.get(prefix)
      if (usage === undefined || retention === 'no_reset') return usage?.lifetime?.usd()
      const startOf = retention === 'day' ? dayOf : retention === 'week' ? weekOf : undefined
      const firstDay = startOf?.(api.serverNow())
      if (firstDay === undefined || startOf?.(usage.answeredMs) !== firstDay) return undefined
      return spentSince(usage.groups, firstDay)
    },
  }

  /** Keeps deleted keys until the end of the month, because their spend belongs to it. */
  function forgetDeleted(): void {
    const nowMs = api.serverNow()
    // What it spent on days that still settle must not count again, should it come back.
    const sinceDay = [monthOf(nowMs), dayOf(nowMs - SETTLING_DAYS * DAY_MS)].sort()[0] ?? ''
    const gone = [...usages]
      .filter(([prefix]) => listed?.every((key) => key.prefix !== prefix))
      .sort(([, a], [, b]) => b.answeredMs - a.answeredMs)
    for (const [index, [prefix, { groups, listedAtMs }]] of gone.entries()) {
      // A list may leave out keys for once.
      const isDeleted = clock.monotonicMs() - listedAtMs > DAY_MS
      if (index >= MAX_KEYS || (isDeleted && groups.every(({ day }) => day < sinceDay))) usages.delete(prefix)
    }
  }
}

function byDayAndSpend(a: UsageGroup, b: UsageGroup): number {
  return a.day < b.day ? -1 : Number(a.day > b.day) || a.usd - b.usd
}
