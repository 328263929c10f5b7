/** A server side of `/v2/billing/transactions`, as documented: newest first, by an opaque cursor. */
import type { ManualClock } from './fakes.ts'

export interface ServerEntry {
  readonly type: string
  readonly direction: 'CHARGE' | 'TOPUP'
  readonly model: string | null
  readonly referenceId: string | null
  readonly credits: number
  /** True time. */
  readonly createdMs: number
  /** Shown from then on; default: at once. */
  readonly visibleMs: number
}

export class LedgerServer {
  readonly entries: ServerEntry[] = []
  /** What it answers instead of entries; asked anew for every request. */
  outage: () => number | string | object | undefined = () => undefined
  readonly #clock: ManualClock

  constructor(clock: ManualClock) {
    this.#clock = clock
  }

  charge(credits: number, entry: Partial<ServerEntry> = {}): void {
    const createdMs = entry.createdMs ?? this.#clock.trueMs()
    const standard = {
      type: 'MODEL_USAGE',
      direction: 'CHARGE',
      model: 'openai/gpt-5',
      referenceId: null,
    } as const
    this.entries.push({ ...standard, credits, createdMs, visibleMs: createdMs, ...entry })
  }

  answer(url: URL): object | number | string {
    const outage = this.outage()
    if (outage !== undefined) return outage
    const from = Date.parse(url.searchParams.get('from') ?? '')
    const to = Date.parse(url.searchParams.get('to') ?? '')
    const limit = Number(url.searchParams.get('limit'))
    const cursor = url.searchParams.get('cursor')
    if (!(from < to) || !(limit >= 1 && limit <= 100)) return 400
    // A cursor is a place between two entries: what lands later behind it comes on the next pages.
    const [beforeMs, before] = cursor === null ? [Number.POSITIVE_INFINITY, 0] : readCursor(cursor)
    const direction = url.searchParams.get('direction')
    const type = url.searchParams.get('type')
    const shown = this.entries
      .map((entry, sequence) => ({ entry, sequence }))
      .filter(({ entry }) => direction === null || entry.direction === direction)
      .filter(({ entry }) => type === null || entry.type === type)
      .filter(({ entry }) => entry.createdMs >= from && entry.createdMs < to)
      .filter(({ entry }) => entry.visibleMs <= this.#clock.trueMs())
      .filter(
        ({ entry, sequence }) =>
          entry.createdMs < beforeMs || (entry.createdMs === beforeMs && sequence < before),
      )
      .toSorted((a, b) => b.entry.createdMs - a.entry.createdMs || b.sequence - a.sequence)
    const page = shown.slice(0, limit)
    const last = page.at(-1)
    const hasMore = shown.length > limit
    return {
      data: page.map(({ entry }) => show(entry)),
      pagination: {
        has_more: hasMore,
        next_cursor: hasMore && last !== undefined ? `+/=&${last.entry.createdMs}.${last.sequence}` : null,
      },
    }
  }
}

function readCursor(cursor: string): [createdMs: number, sequence: number] {
  const [createdMs, sequence] = cursor.slice(4).split('.')
  return [Number(createdMs), Number(sequence)]
}

function show({ type, direction, model, referenceId, credits, createdMs }: ServerEntry): object {
  return {
    created_at: new Date(createdMs).toISOString(),
    direction,
    type,
    amount: { usd: credits / 2_000_000, credits },
    model,
    reference_id: referenceId,
  }
}
