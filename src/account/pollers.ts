/** The pollers that run all the time: each named and watched by `/readyz`, and stopped together. Not those of settlement. */
import type { AccountPoll } from '../ports.ts'
import type { AccountApi } from './account-api.ts'
import type { Clock } from './clock.ts'
import type { Health } from './health.ts'
import { createPoller, type Poller, type RoundResult } from './poller.ts'

/** What a new poller does. */
export interface PollerStart {
  readonly api: AccountApi
  readonly poll: AccountPoll
  /** Its name in `/readyz`. Default: the poll. */
  readonly name?: string
  readonly intervalMs: number
  readonly round: () => Promise<RoundResult>
}

/** Creates and stops pollers. */
export interface Pollers {
  /** Adds a periodic poller. Its first round starts within a second. */
  start(options: PollerStart): void
  /** Adds a poller without a period: `runNow()` starts its rounds. */
  create(options: PollerStart): Poller
  stop(): void
}

export function createPollers(clock: Clock, health: Health): Pollers {
  const pollers: Poller[] = []

  function add({ api, poll, name = poll, intervalMs, round }: PollerStart, isPeriodic: boolean): Poller {
    const note = health.watch(api.name, name, intervalMs)
    const poller = createPoller({
      intervalMs,
      clock,
      round: async () => {
        const result = await round()
        note(result)
        return result
      },
      wanted: () => isPeriodic,
      onRefused: (status) => api.warnRefused(poll, status),
    })
    pollers.push(poller)
    return poller
  }

  return {
    start: (options) => add(options, true).start(),
    create: (options) => add(options, false),
    stop() {
      for (const poller of pollers) poller.stop()
    },
  }
}
