/** Polls the configured accounts, and keeps the last good responses. */
import type { Config } from '../config.ts'
import type { AccountSnapshot, ModelSnapshot } from '../ports.ts'
import { createAccountApi, type OnPoll } from './account-api.ts'
import { startCatalogue } from './catalogue.ts'
import { createClient, type Client } from './client.ts'
import { createClock, createStoppableClock, type Clock } from './clock.ts'
import { createPollers } from './pollers.ts'
import { startSettlement } from './settlement.ts'
import { watchAccount, type AccountPolls } from './watch-account.ts'

/** What to poll, and who is called with the results. Without accounts no requests are sent. */
export interface WatchOptions
  extends
    AccountPolls,
    Pick<Config, 'accounts' | 'managementKeys' | 'accountBaseUrl' | 'settlement' | 'maxModels'> {
  /** Called after every request to an account endpoint. Must not throw. */
  readonly onPoll: OnPoll
  /** Default: the real one. */
  readonly clock?: Clock
  /** Default: one of its own. */
  readonly client?: Client
  /** Between two pages of one account. Default 1 s: the API allows 200 requests a minute, other processes included. */
  readonly pageSpacingMs?: number
}

/** The last known state of all accounts. */
export type AccountWatch = ReturnType<typeof watchAccounts>

/** Time-out of the last attempt to settle, with `settleOnShutdown`. */
export const FLUSH_TIMEOUT_MS = 5000
/** Between two pages of an account's log, ledger or usage. */
export const PAGE_SPACING_MS = 1000

/** Watches until `stop()`. Nothing of it throws, is traffic of the host, or keeps the process alive (but a DNS look-up). */
export function watchAccounts(options: WatchOptions) {
  const { accounts, managementKeys, accountBaseUrl: baseUrl, settlement, usage, maxModels } = options
  const { client = createClient(), pageSpacingMs: spacingMs = PAGE_SPACING_MS } = options
  const clock = createStoppableClock(options.clock ?? createClock())
  const pollers = createPollers(clock)
  let stopped = false

  const onPoll: OnPoll = (...poll) => {
    if (!stopped) options.onPoll(...poll)
  }
  const apis = accounts.map((account) => {
    const managementKey = managementKeys.get(account.name)
    return createAccountApi({ account, managementKey, baseUrl, client, clock, spacingMs, onPoll })
  })
  const catalogue =
    apis[0] !== undefined && usage.enabled ? startCatalogue(apis[0], pollers, maxModels) : undefined
  const useModel = (model: string): void => catalogue?.use(model)

  const readers = apis.map((api) => watchAccount({ ...options, api, pollers, useModel }))
  const { enabled, intervalMs, maxPending } = settlement
  const settling = startSettlement(enabled ? apis : [], intervalMs, maxPending, clock)

  return {
    /** One per account that has had a good response. Never waits. */
    snapshots: (): AccountSnapshot[] =>
      readers.map((read) => read()).filter((snapshot) => snapshot !== undefined),
    /** The catalogue's facts of models in use. Never waits. */
    models: (): ModelSnapshot[] => catalogue?.models() ?? [],
    /** Marks a model as in use. */
    useModel,
    health: () => pollers.health(),
    settlement: settling,
    /** One last attempt to settle what is pending (`settleOnShutdown`), at most 5 s. Never rejects. */
    flush: () => settling.flush(FLUSH_TIMEOUT_MS),
    /** Ends polling and requests under way; calls still pending are lost. Idempotent. */
    stop(): void {
      stopped = true
      settling.stop()
      clock.stop()
      client.close()
    },
  }
}
