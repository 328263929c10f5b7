/** The written past of the account: limits of keys, top-ups, sources of the cost, polls. */
import { config } from '../config.ts'
import { CREDITS_PER_USD, label, metric } from '../names.ts'
import { recorded } from '../recording-rules.ts'
import { random } from '../worlds/processes.ts'
import { ACCOUNT, LINES, type Line, SLOT_S, type Slot, type Zone, creditsOf, monthOf } from './books.ts'
import { KEY_LIMIT_USD, PRICES } from './figures.ts'
import { type Point, callLabels, grewIn, running, text, toppedUp } from './written-text.ts'

const account = { [label.account]: ACCOUNT }
/** Of all credits, by who told the cost. */
const SHARES = { response: 0.97, ledger: 0.03 } as const
/** Requests to each account endpoint in an hour. */
const POLLS_PER_HOUR = { balance: 60, usage: 60, ledger: 60, catalogue: 1, settlement: 24 } as const

/** Each key's spend since the first of its month. */
function monthOfKey(slots: readonly Slot[], key: string, zone: Zone): Point[] {
  let month = 0
  let usd = 0
  return slots.map((slot): Point => {
    const now = monthOf(slot.endS - 1, zone)
    if (now !== month) usd = 0
    month = now
    for (const [index, one] of LINES.entries())
      if (one.key === key) usd += creditsOf(slot, index) / CREDITS_PER_USD
    return [slot.endS, usd]
  })
}

/** @param charged Credits by the end of each slot. */
export function accountPast(slots: readonly Slot[], charged: readonly Point[], zone: Zone): string[] {
  const lines: string[] = []
  const put = (name: string, labels: Readonly<Record<string, string>>, points: readonly Point[]) =>
    lines.push(...text(name, { ...account, ...labels }, points))
  const at = (value: (index: number) => number) => slots.map(({ endS }, index): Point => [endS, value(index)])

  for (const [key, limitUsd] of Object.entries(KEY_LIMIT_USD))
    put(
      recorded.keyLimitUsed,
      { [label.key]: key, [label.retention]: 'month' },
      monthOfKey(slots, key, zone).map(([time, usd]): Point => [time, usd / limitUsd]),
    )
  put(
    recorded.ledgerTopUp,
    { [label.ledgerType]: 'TOP_UP' },
    toppedUp(charged).map(([time, usd]): Point => [time, usd * CREDITS_PER_USD]),
  )
  put(recorded.ledgerCharged, { [label.ledgerType]: 'MODEL_USAGE' }, charged)

  const service = { job: 'shop-api', instance: '10.0.3.7:9464' }
  for (const [index, one] of LINES.entries()) {
    const credits = running(slots, (slot) => creditsOf(slot, index))
    for (const [source, share] of Object.entries(SHARES))
      put(
        metric.creditsUsed,
        { ...callLabels(one), instance: '10.0.3.7:9464', [label.usageSource]: source },
        credits.map(([time, value]): Point => [time, value * share]),
      )
  }
  // Calls that were broken off wait some minutes; there are more by day.
  put(
    metric.usagePending,
    service,
    at((index) => Math.round((slots[index]?.calls[0] ?? 0) / 40 + (slots[index]?.calls[1] ?? 0) / 15)),
  )

  const exporter = { job: 'aimlapi-exporter' }
  for (const [poll, perHour] of Object.entries(POLLS_PER_HOUR))
    put(
      metric.accountPolls,
      { ...exporter, instance: '10.0.3.2:9464', [label.poll]: poll },
      at((index) => Math.round((perHour * index * SLOT_S) / 3600)),
    )
  // Now and then the ledger is asked too often.
  put(
    recorded.accountPolls,
    { ...exporter, [label.poll]: 'ledger', [label.errorType]: '429' },
    at((index) => Math.floor(index / 55) + Math.floor(index / 83)),
  )
  const next = random(17)
  let ratio = 0.002
  put(
    recorded.missingRatio,
    { job: 'shop-api' },
    at(() => (ratio += (0.002 - ratio) / 20 + (next() - 0.5) / 4000)),
  )
  for (const [model, input, output, cached] of PRICES) {
    const ofModel = (figure: (line: Line) => number) =>
      grewIn(
        running(slots, (slot) =>
          LINES.reduce(
            (sum, one, index) => (one.model === model ? sum + figure(one) * (slot.calls[index] ?? 0) : sum),
            0,
          ),
        ),
        config.windowHours * 3600,
      ).filter(([, value]) => value > 0)
    const labels = { [label.requestModel]: model }
    put(
      recorded.modelSpendUsd,
      labels,
      ofModel(({ creditsPerCall }) => creditsPerCall / CREDITS_PER_USD),
    )
    put(
      recorded.listPriceUsd,
      labels,
      ofModel(
        ({ inputTokens, cachedTokens, outputTokens }) =>
          ((inputTokens - cachedTokens) * input + cachedTokens * cached + outputTokens * output) / 1e6,
      ),
    )
  }
  return lines
}
