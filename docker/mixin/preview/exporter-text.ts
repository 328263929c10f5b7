/** What an exporter would serve at the end of the written past: the account's own figures, by the same books. */
import { CREDITS_PER_USD, label, metric, tagLabel } from '../names.ts'
import { ACCOUNT, LINES, type Slot, type Zone, creditsOf, startsOf } from './books.ts'
import { BUDGET_USD, KEY_LIMIT_USD, PRICES, TOP_UP, UNCOUNTED_SHARE } from './figures.ts'
import { balance, toppedUp } from './written-text.ts'

type Labels = Readonly<Record<string, string>>

/** Prometheus text. @param nowS Time of the scrape. */
export function exporterText(
  slots: readonly Slot[],
  nowS: number,
  zone: Zone,
  /** Charges go on at the pace of the last hour; else they stay as the past ends. */
  goesOn = false,
): string {
  const lines: string[] = []
  const put = (name: string, value: number, more: Labels = {}) => {
    const list = Object.entries({ [label.account]: ACCOUNT, ...more }).filter(([, text]) => text !== '')
    lines.push(`${name}{${list.map(([key, text]) => `${key}=${JSON.stringify(text)}`).join(',')}} ${value}`)
  }
  const endS = slots.at(-1)?.endS ?? nowS
  const spentByKey = new Map<string, number>()
  for (const [period, startS] of Object.entries(startsOf(endS, zone)))
    for (const [index, { key, model }] of LINES.entries()) {
      const credits = slots.reduce(
        (sum, slot) => (slot.endS > startS ? sum + creditsOf(slot, index) : sum),
        0,
      )
      if (period === 'month') spentByKey.set(key, (spentByKey.get(key) ?? 0) + credits / CREDITS_PER_USD)
      if (credits > 0)
        put(metric.accountSpend, credits / CREDITS_PER_USD, {
          [label.key]: `${key}`,
          [label.requestModel]: `${model}${LINES.findIndex((one) => one.model === model && one.key === key) === index ? '' : ` (${index})`}`,
          [label.period]: period,
        })
    }
  const counted = slots.reduce(
    (sum, slot) => sum + LINES.reduce((all, _, index) => all + creditsOf(slot, index), 0),
    0,
  )
  const running: Array<readonly [number, number]> = []
  let credits = 0
  for (const slot of slots) {
    credits += LINES.reduce((all, _, index) => all + creditsOf(slot, index), 0) * (1 + UNCOUNTED_SHARE)
    running.push([slot.endS, credits])
  }
  put(metric.balanceUsd, balance(running).at(-1)?.[1] ?? 0)
  put(metric.balanceUpdated, nowS)
  put(metric.balanceLowThreshold, 10_000)
  put(metric.autoTopUpEnabled, 1)
  put(metric.autoTopUpThreshold, TOP_UP.thresholdUsd)
  put(metric.autoTopUpAmount, TOP_UP.amountUsd)
  put(metric.usagePending, 3)
  put(metric.ledgerTopUp, (toppedUp(running).at(-1)?.[1] ?? 0) * CREDITS_PER_USD, {
    [label.ledgerType]: 'TOP_UP',
  })
  const hourAgo = running.findLast(([time]) => time <= endS - 3600)?.[1] ?? credits
  const since = goesOn ? ((credits - hourAgo) / 3600) * (nowS - endS) : 0
  put(metric.accountCharged, counted * (1 + UNCOUNTED_SHARE) + since)
  put(metric.accountPolls, Math.round(nowS / 60), { [label.poll]: 'balance' })
  put(metric.budget, BUDGET_USD.month, { [label.period]: 'month' })
  put(metric.budget, BUDGET_USD.day, { [label.period]: 'day' })
  put(metric.budget, BUDGET_USD.search, {
    [label.account]: '',
    [tagLabel('team')]: 'search',
    [label.period]: 'month',
  })
  for (const [model, input, output, cached] of PRICES) {
    put(metric.modelTokenPrice, input / 1e6, { [label.requestModel]: model, [label.tokenType]: 'input' })
    put(metric.modelTokenPrice, output / 1e6, { [label.requestModel]: model, [label.tokenType]: 'output' })
    put(metric.modelTokenPrice, cached / 1e6, {
      [label.requestModel]: model,
      [label.tokenType]: 'input',
      [label.tokenDetail]: 'cache_read',
    })
  }
  put(metric.modelShutdown, endS + 19 * 86_400, { [label.requestModel]: 'anthropic/claude-sonnet-4.5' })
  for (const [key, limitUsd] of Object.entries(KEY_LIMIT_USD)) {
    put(metric.keyLimit, limitUsd, { [label.key]: key, [label.retention]: 'month' })
    put(metric.keyUsage, spentByKey.get(key) ?? 0, { [label.key]: key, [label.retention]: 'month' })
  }
  // Of the process, not of an account.
  lines.push(`${metric.processStart} ${endS - 86_400}`, `${metric.timeZoneOffset} ${zone.offsetS}`)
  return `${lines.join('\n')}\n`
}
