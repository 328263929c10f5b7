/** The pollers that run until the clock stops: each named, and watched for `/readyz`. Not those of settlement. */
import type { AccountPoll } from '../ports.ts'
import type { AccountApi } from './account-api.ts'
import type { Clock } from './clock.ts'
import { report } from '../diagnostics.ts'
import { createOnce } from '../once.ts'
import { createPoller, type Poller, type RoundResult } from './poller.ts'
import { isUnreachable } from './reachability.ts'

/** What a new poller does. */
export interface PollerStart {
  readonly api: AccountApi
  readonly poll: AccountPoll
  /** Its name in `/readyz`. Default: the poll. */
  readonly name?: string
  readonly intervalMs: number
  readonly round: () => Promise<RoundResult>
}

/** One poll of one account, for `/healthz` and `/readyz`. */
export interface PollHealth {
  readonly account: string
  /** `balance`, `top-ups`, … */
  readonly poll: string
  /** It has not succeeded for more than 3 intervals and 60 s. */
  readonly isBehind: boolean
  /** Seconds since its last success. Absent when there was none. */
  readonly ageSeconds?: number
  /** Why the last round failed. */
  readonly errorType?: string
}

/** Creates pollers. */
export type Pollers = ReturnType<typeof createPollers>

/** Intervals without success before a poll is overdue, … */
const TOLERATED_INTERVALS = 3
/** … plus this, because rounds that read many pages are slow. */
const TOLERATED_MS = 60_000

/** Rounds that fail in a row before a warning. */
const SURPRISING_FAILURES = 3

export function createPollers(clock: Clock) {
  const startedAtMs = clock.monotonicMs()
  const healthReaders: (() => PollHealth)[] = []
  const isFirstWarning = createOnce()

  function add({ api, poll, name = poll, intervalMs, round }: PollerStart, isPeriodic: boolean): Poller {
    let succeededAtMs: number | undefined
    let errorType: string | undefined
    let failures = 0
    function warn(why: string): void {
      if (!isFirstWarning(`${api.name} ${name}`)) return
      report(
        'warn',
        `the ${name} of account "${api.name}" cannot be read (${why}): is AIMLAPI_BASE_URLS right, and no proxy or ` +
          'login page in between? Its figures stay as they are; it is asked again.',
      )
    }
    healthReaders.push(() => {
      const nowMs = clock.monotonicMs()
      return {
        account: api.name,
        poll: name,
        isBehind: nowMs - (succeededAtMs ?? startedAtMs) > TOLERATED_INTERVALS * intervalMs + TOLERATED_MS,
        ...(succeededAtMs !== undefined && { ageSeconds: Math.round((nowMs - succeededAtMs) / 1000) }),
        ...(errorType !== undefined && { errorType }),
      }
    })
    return createPoller({
      intervalMs,
      clock,
      round: async () => {
        const result = await round()
        ;({ errorType } = result)
        if (errorType === undefined) succeededAtMs = clock.monotonicMs()
        failures = errorType === undefined ? 0 : failures + 1
        if (failures === SURPRISING_FAILURES && isSurprising(result.errorType)) warn(result.errorType)
        return result
      },
      wanted: () => isPeriodic,
      onRefused: (status) => api.warnRefused(poll, status),
    })
  }

  return {
    /** Adds a periodic poller. Its first round starts within a second. */
    start: (options: PollerStart): void => add(options, true).start(),
    /** Adds a poller without a period: its methods start its rounds. */
    create: (options: PollerStart): Poller => add(options, false),
    health: (): PollHealth[] => healthReaders.map((read) => read()),
  }
}

/** Nothing else tells of it: refused keys and servers that do not answer have warnings of their own, and 429 passes. */
function isSurprising(errorType: string | undefined): errorType is string {
  return errorType !== undefined && !isUnreachable(errorType) && !/^4(?:01|03|29)$|^clock$/.test(errorType)
}
