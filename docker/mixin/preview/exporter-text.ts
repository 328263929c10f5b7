/** What an exporter would serve at the end of the written past: the account's own figures, by the same books. */
import { CREDITS_PER_USD, label, metric, tagLabel } from '../names.ts'
import { ACCOUNT, LINES, type Slot, creditsOf } from './books.ts'
import { BUDGET_USD, UNCOUNTED_SHARE, balance } from './history.ts'

type Labels = Readonly<Record<string, string>>

const PRICES: ReadonlyArray<readonly [model: string, input: number, output: number, cached: number]> = [
  ['openai/gpt-5', 1.25, 10, 0.125],
  ['openai/gpt-5-mini', 0.25, 2, 0.025],
  ['anthropic/claude-sonnet-4.5', 3, 15, 0.3],
]

/** Prometheus text. @param nowS Time of the scrape. */
export function exporterText(slots: readonly Slot[], nowS: number): string {
  const lines: string[] = []
  const put = (name: string, value: number, more: Labels = {}) => {
    const list = Object.entries({ [label.account]: ACCOUNT, ...more }).filter(([, text]) => text !== '')
    lines.push(`${name}{${list.map(([key, text]) => `${key}=${JSON.stringify(text)}`).join(',')}} ${value}`)
  }
  const endS = slots.at(-1)?.endS ?? nowS
  const startOf = {
    day: Math.floor(endS / 86_400) * 86_400,
    month: Date.UTC(new Date(endS * 1000).getUTCFullYear(), new Date(endS * 1000).getUTCMonth(), 1) / 1000,
  }
  for (const [period, startS] of Object.entries(startOf))
    for (const [index, { key, model }] of LINES.entries()) {
      const credits = slots.reduce(
        (sum, slot) => (slot.endS > startS ? sum + creditsOf(slot, index) : sum),
        0,
      )
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
  put(metric.autoTopUpThreshold, 120)
  put(metric.accountCharged, counted * (1 + UNCOUNTED_SHARE))
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
  for (const [key, used] of [
    ['7f3a90c1', 0.62],
    ['b21c55d0', 0.81],
  ] as const) {
    put(metric.keyLimit, 2000, { [label.key]: key, [label.retention]: 'month' })
    put(metric.keyUsage, 2000 * used, { [label.key]: key, [label.retention]: 'month' })
  }
  // Of the process, not of an account. The books' days are of UTC.
  lines.push(`${metric.processStart} ${endS - 86_400}`, `${metric.timeZoneOffset} 0`)
  return `${lines.join('\n')}\n`
}
