/** What a frame of a realtime session costs, by its size. */
import { formatTable } from '../../scripts/docs/table.ts'
import type { Results } from './results.ts'

export interface RealtimeFrame {
  readonly name: string
  readonly title: string
  readonly framesPerRound: number
  /** The most that may be added to one, in nanoseconds. */
  readonly budgetNs: number
}

export const REALTIME_FRAMES: readonly RealtimeFrame[] = [
  { name: 'text', title: 'a piece of text, 230 B', framesPerRound: 20_000, budgetNs: 1000 },
  { name: 'audio', title: 'a piece of sound, 100 kB', framesPerRound: 1000, budgetNs: 1000 },
]

export function formatRealtime({ realtime }: Pick<Results, 'realtime'>): string {
  if (realtime === undefined) return 'Written by `npm run bench:realtime -- --write`.'
  const rows = Object.entries(realtime).flatMap(([major, { frames }]) =>
    REALTIME_FRAMES.filter(({ name }) => frames[name] !== undefined).map(({ name, title, budgetNs }) => {
      const { plain, observed } = frames[name] as { plain: number; observed: number }
      return [title, major, formatTime(plain), formatTime(observed - plain), formatTime(budgetNs)]
    }),
  )
  return formatTable(['A frame', 'Node', 'CPU without us', 'Added', 'Budget'], rows)
}

function formatTime(ns: number): string {
  return `${(ns / 1000).toFixed(2)} µs`
}
