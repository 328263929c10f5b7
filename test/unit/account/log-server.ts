/** A server side of `/v2/logs`, as documented: a window of rows, newest first, by offset. */
import type { ManualClock } from './fakes.ts'

export interface ServerRow {
  readonly inferenceId: string
  readonly clientRequestId?: string
  /** True time. */
  readonly createdMs: number
  /** Shown from then on; default: at once. */
  readonly visibleMs?: number
  readonly credits: number
  readonly tokens?: readonly [input: number, output: number]
  readonly status?: 'failed'
}

export class LogServer {
  readonly rows: ServerRow[] = []
  /** What it answers instead of rows. */
  outage: number | string | object | undefined
  readonly #clock: ManualClock

  constructor(clock: ManualClock) {
    this.#clock = clock
  }

  add(row: Partial<ServerRow> & { inferenceId: string }): void {
    this.rows.push({ createdMs: this.#clock.trueMs(), credits: 1000, ...row })
  }

  answer(url: URL): object | number | string {
    if (this.outage !== undefined) return this.outage
    const read = (name: string): number => {
      const value = url.searchParams.get(name) ?? ''
      return /^\d+$/.test(value) ? Number(value) : Date.parse(value)
    }
    const [start, end, limit, offset] = [read('start'), read('end'), read('limit'), read('offset')]
    if (!(start < end) || end - start > 92 * 24 * 3_600_000) return 400
    const shown = this.rows
      .filter(
        ({ createdMs, visibleMs = 0 }) =>
          createdMs >= start && createdMs < end && visibleMs <= this.#clock.trueMs(),
      )
      .toSorted((a, b) => b.createdMs - a.createdMs)
    return {
      data: shown.slice(offset, offset + limit).map(show),
      pagination: { limit, offset, total: shown.length, has_more: offset + limit < shown.length },
    }
  }
}

function show(row: ServerRow): object {
  const [input, output] = row.tokens ?? [0, 0]
  return {
    created: new Date(row.createdMs).toISOString(),
    status: row.status ?? 'succeeded',
    origin: 'api',
    model: 'openai/gpt-5',
    cost: { usd: row.credits / 2_000_000, credits: row.credits },
    tokens: { input, output, total: input + output },
    request_id: null,
    inference_id: row.inferenceId,
    client_request_id: row.clientRequestId ?? null,
  }
}
