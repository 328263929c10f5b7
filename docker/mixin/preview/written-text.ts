/** Series of the written past: points, running totals, OpenMetrics text. */
import { CREDITS_PER_USD, label, tagLabel } from '../names.ts'
import { ACCOUNT, type Line, SLOT_S, type Slot } from './books.ts'
import { TOP_UP } from './figures.ts'

export type Point = readonly [timeS: number, value: number]

export const callLabels = ({ job, model, endpoint, team, routedModel }: Line): Record<string, string> => ({
  job,
  [label.account]: ACCOUNT,
  [label.requestModel]: model,
  [label.endpoint]: endpoint,
  [tagLabel('team')]: team,
  ...(routedModel !== undefined && { [label.routedModel]: routedModel }),
})

export function text(
  name: string,
  labels: Readonly<Record<string, string>>,
  points: readonly Point[],
): string[] {
  const list = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  const endS = points.at(-1)?.[0] ?? 0
  return points
    .filter(([time], index) => isKept(time, index, endS))
    .map(([time, value]) => `${name}{${list.join(',')}} ${value} ${time}`)
}

/** Every sample of the last day and a half; before, a quarter of them, and those around every hour. */
function isKept(timeS: number, index: number, endS: number): boolean {
  const ofHour = timeS % 3600
  return index % 4 === 0 || endS - timeS < 36 * 3600 || ofHour < SLOT_S || ofHour > 3600 - SLOT_S
}

/** A running total of one figure of every slot. */
export function running(slots: readonly Slot[], figure: (slot: Slot) => number): Point[] {
  let total = 0
  return slots.map((slot): Point => [slot.endS, (total += figure(slot))])
}

/** What a total grew by since `seconds` before each point. */
export function grewIn(points: readonly Point[], seconds: number): Point[] {
  const steps = Math.round(seconds / SLOT_S)
  return points.map(([time, value], index): Point => [time, value - (points[index - steps]?.[1] ?? 0)])
}

/** US dollars that were added to the account by each point; what is left is that less the charges. */
export function toppedUp(charged: readonly Point[]): Point[] {
  let added: number = TOP_UP.firstUsd
  return charged.map(([time, credits]): Point => {
    if (added - credits / CREDITS_PER_USD < TOP_UP.thresholdUsd) added += TOP_UP.amountUsd
    return [time, added]
  })
}

export function balance(charged: readonly Point[]): Point[] {
  const added = toppedUp(charged)
  return charged.map(([time, credits], index): Point => [
    time,
    (added[index]?.[1] ?? 0) - credits / CREDITS_PER_USD,
  ])
}
