/** The written past: recorded series as the rules would have left them, loaded into Prometheus before it starts. */
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { WATCHING_SINCE } from '../rule-pauses.ts'
import { CREDITS_PER_USD, label, tagLabel } from '../names.ts'
import { recorded } from '../recording-rules.ts'
import { accountPast } from './account-past.ts'
import {
  ACCOUNT,
  LINES,
  SLOT_S,
  type Line,
  type Slot,
  type Zone,
  creditsOf,
  dayOf,
  monthOf,
} from './books.ts'
import { BUDGET_USD, UNCOUNTED_SHARE } from './figures.ts'
import { type Point, balance, callLabels, grewIn, running, text } from './written-text.ts'

/** The total at the start of the period that each point is in. */
function atStart(points: readonly Point[], periodOf: (timeS: number) => number): Point[] {
  let start = 0
  let before = 0
  return points.map(([time, value], index): Point => {
    const previous = points[index - 1]?.[0]
    if (previous !== undefined && periodOf(previous - 1) !== periodOf(time - 1)) start = before
    before = value
    return [time, start]
  })
}

/** OpenMetrics text. */
export function writtenPast(slots: readonly Slot[], zone: Zone): string {
  const lines: string[] = []
  const perLine = (
    name: string,
    figure: (line: Line, calls: number) => number,
    more: Record<string, string> = {},
  ) => {
    for (const [index, one] of LINES.entries()) {
      const points = running(slots, (slot) => figure(one, slot.calls[index] ?? 0))
      const first = points.findIndex(([, value]) => value > 0)
      if (first >= 0) lines.push(...text(name, { ...callLabels(one), ...more }, points.slice(first)))
    }
  }
  perLine(recorded.creditsUsed, ({ creditsPerCall }, calls) => creditsPerCall * calls)
  perLine(recorded.spendUsd, ({ creditsPerCall }, calls) => (creditsPerCall * calls) / CREDITS_PER_USD)
  perLine(recorded.requests, (_, calls) => calls)
  perLine(recorded.tokens, ({ inputTokens }, calls) => inputTokens * calls, { [label.tokenType]: 'input' })
  perLine(recorded.tokens, ({ outputTokens }, calls) => outputTokens * calls, { [label.tokenType]: 'output' })
  perLine(recorded.tokenDetails, ({ cachedTokens }, calls) => cachedTokens * calls, {
    [label.tokenDetail]: 'cache_read',
  })

  const usd = (slot: Slot, fits: (line: Line) => boolean) =>
    LINES.reduce((sum, one, index) => (fits(one) ? sum + creditsOf(slot, index) : sum), 0) / CREDITS_PER_USD
  for (const team of new Set(LINES.map((one) => one.team))) {
    const labels = { [label.account]: ACCOUNT, [tagLabel('team')]: team }
    const points = running(slots, (slot) => usd(slot, (one) => one.team === team))
    lines.push(...text(recorded.ownerSpendUsd, labels, points))
    lines.push(
      ...text(
        recorded.ownerAtDayStart,
        labels,
        atStart(points, (time) => dayOf(time, zone)),
      ),
    )
    const atMonth = atStart(points, (time) => monthOf(time, zone))
    lines.push(...text(recorded.ownerAtMonthStart, labels, atMonth))
    if (team === 'search') {
      const used = points.map(([time, value], index): Point => [
        time,
        (value - (atMonth[index]?.[1] ?? 0)) / BUDGET_USD.search,
      ])
      lines.push(...text(recorded.budgetUsed, { [tagLabel('team')]: team, [label.period]: 'month' }, used))
    }
  }
  const account = { [label.account]: ACCOUNT }
  const all = running(slots, (slot) => usd(slot, () => true))
  const month = atStart(all, (time) => monthOf(time, zone))
  lines.push(
    ...text(recorded.accountSpendUsd, account, all),
    ...text(
      recorded.budgetUsed,
      { ...account, [label.period]: 'month' },
      all.map(([time, value], index): Point => [time, (value - (month[index]?.[1] ?? 0)) / BUDGET_USD.month]),
    ),
  )
  const charged = all.map(([time, value]): Point => [time, value * (1 + UNCOUNTED_SHARE) * CREDITS_PER_USD])
  const chargedUsd = (seconds: number) =>
    grewIn(charged, seconds).map(([time, value]): Point => [time, value / CREDITS_PER_USD])
  const hour = chargedUsd(3600)
  const weekS = 7 * 86_400
  const around = (2 * 3600) / SLOT_S
  const weekAgo = (index: number, weeks: number) =>
    Math.max(
      0,
      ...hour
        .slice(
          Math.max(0, index - (weeks * weekS) / SLOT_S - around),
          Math.max(0, index - (weeks * weekS) / SLOT_S + around),
        )
        .map(([, value]) => value),
    )
  lines.push(
    ...text(recorded.charged, account, charged),
    ...text(recorded.lastHour, account, hour),
    ...text(
      recorded.usualHour,
      account,
      hour
        .map(([time], index): Point => [time, Math.max(weekAgo(index, 1), weekAgo(index, 2))])
        .slice(Math.round((15 * 86_400) / SLOT_S)),
    ),
    ...text(
      recorded.pace10m,
      account,
      chargedUsd(3 * SLOT_S).map(([time, value]): Point => [time, (value * 3600) / (3 * SLOT_S)]),
    ),
    ...text(recorded.chargedUsd, account, chargedUsd(6 * 3600)),
    ...text(recorded.countedUsd, account, grewIn(all, 6 * 3600)),
    ...text(recorded.balanceUsd, account, balance(charged)),
    ...text(
      recorded.runwayHours,
      account,
      balance(charged).map(([time, value], index): Point => [
        time,
        (value / Math.max(1, chargedUsdAt(charged, index))) * 24,
      ]),
    ),
    ...text(
      recorded.localDay,
      {},
      all.map(([time]): Point => [time, dayOf(time, zone)]),
    ),
    ...text(
      recorded.localMonth,
      {},
      all.map(([time]): Point => [time, monthOf(time, zone)]),
    ),
    ...text(
      WATCHING_SINCE,
      {},
      all.map(([time]): Point => [time, all[0]?.[0] ?? 0]),
    ),
  )
  lines.push(...accountPast(slots, charged, zone))
  return `${lines.join('\n')}\n# EOF\n`
}

/** What was charged in the day before a point, in US dollars. */
function chargedUsdAt(charged: readonly Point[], index: number): number {
  return ((charged[index]?.[1] ?? 0) - (charged[index - 86_400 / SLOT_S]?.[1] ?? 0)) / CREDITS_PER_USD
}

/** @param openMetrics Text as `writtenPast` gives it. */
export function loadHistory(openMetrics: string, dataFolder: string): void {
  const file = join(dataFolder, 'history.txt')
  writeFileSync(file, openMetrics)
  execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, dataFolder], {
    stdio: 'ignore',
  })
  rmSync(file)
}
