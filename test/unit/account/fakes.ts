/** Time that only moves when told, and an account API that answers from a function. */
import { createAccountApi, type AccountApi } from '../../../src/account/account-api.ts'
import type { Client, ClientResponse } from '../../../src/account/client.ts'
import type { Clock } from '../../../src/account/clock.ts'

/** 2026-03-01T12:00:00Z. */
export const NOON_MS = Date.UTC(2026, 2, 1, 12)

export class ManualClock implements Clock {
  /** What `random()` gives: 0.5 is no jitter at all. */
  chance = 0.5
  /** How far this host's clock is ahead of the true time. */
  skewMs = 0
  #trueMs = NOON_MS
  #timers: { atMs: number; fn: () => void }[] = []

  now(): number {
    return this.#trueMs + this.skewMs
  }

  /** What the server's clock says. */
  trueMs(): number {
    return this.#trueMs
  }

  monotonicMs(): number {
    return this.#trueMs - NOON_MS
  }

  random(): number {
    return this.chance
  }

  after(delayMs: number, fn: () => void): () => void {
    const timer = { atMs: this.#trueMs + delayMs, fn }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Timers that have not fired. */
  get waiting(): number {
    return this.#timers.length
  }

  /** Lets time pass; everything that becomes due happens in its order, and what follows from it. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#trueMs + ms
    await settleWork()
    for (;;) {
      const [next] = this.#timers.toSorted((a, b) => a.atMs - b.atMs)
      if (next === undefined || next.atMs > untilMs) break
      this.#timers = this.#timers.filter((timer) => timer !== next)
      this.#trueMs = Math.max(this.#trueMs, next.atMs)
      next.fn()
      await settleWork()
    }
    this.#trueMs = untilMs
  }
}

/** Everything that is ready to run has run. */
async function settleWork(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

export interface FakeApi extends AccountApi {
  /** Paths asked, with their query and when (true time). */
  readonly asked: { path: string; url: URL; atMs: number }[]
  /** `poll errorType` of each. */
  readonly polled: string[]
}

export const KEY = 'b747e891canary-key-0123456789abc'

/** An account `team` whose API is `answer`. A number answers with that status, a string with that system code. */
export function createFakeApi(
  clock: ManualClock,
  answer: (url: URL) => object | number | string,
  spacingMs = 1000,
): FakeApi {
  const asked: FakeApi['asked'] = []
  const polled: string[] = []
  const client: Client = {
    async get(text) {
      const url = new URL(text)
      asked.push({ path: url.pathname + url.search, url, atMs: clock.trueMs() })
      const said = answer(url)
      const head = { dateMs: Math.floor(clock.trueMs() / 1000) * 1000 }
      if (typeof said === 'object')
        return { ...head, ...('answer' in said ? (said.answer as ClientResponse) : { json: said }) }
      return typeof said === 'number' ? { ...head, errorType: String(said) } : { errorType: said }
    },
    close() {},
  }
  const api = createAccountApi({
    account: { name: 'team', apiKey: KEY },
    baseUrl: 'https://api.example.com',
    client,
    clock,
    spacingMs,
    onPoll: (_account, poll, errorType) =>
      polled.push(errorType === undefined ? poll : `${poll} ${errorType}`),
  })
  return { ...api, asked, polled }
}
