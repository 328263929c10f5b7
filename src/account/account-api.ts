/** One account's own requests: sent with its key, spaced out where pages are read, counted, warned about once. */
import { accountUrl } from '../api/account.ts'
import type { Account } from '../config.ts'
import type { AccountPoll } from '../ports.ts'
import type { Client } from './client.ts'
import type { Clock } from './clock.ts'
import { report } from './diagnostics.ts'
import type { Gate } from './gate.ts'
import type { RoundResult } from './poller.ts'
import { createServerTime } from './server-time.ts'

/** Told of every request that was answered or failed. */
export type OnPoll = (account: string, poll: AccountPoll, errorType?: string) => void

export interface Question<Value> {
  readonly poll: AccountPoll
  /** Path and query. */
  readonly path: string
  /** `undefined`: the answer makes no sense (`unparsable`). */
  readonly parse: (json: unknown) => Value | undefined
  /** The answer is of use but not all of it made sense: counted as `unparsable` all the same. */
  readonly isFlawed?: (value: Value) => boolean
}

export type Reply<Value> = { readonly value: Value } | (RoundResult & { readonly errorType: string })

export interface AccountApi extends Account {
  /** Never rejects. */
  ask<Value>(question: Question<Value>): Promise<Reply<Value>>
  /** Says once that the key was refused, 401 or 403. Names the account, never the key. */
  warnRefused(poll: AccountPoll, status: string): void
  /** Local milliseconds since the epoch by the server's clock, as far as it is known. */
  serverTime(localMs: number): number
}

export interface AccountApiOptions {
  readonly account: Account
  /** Origin and optional path prefix. */
  readonly baseUrl: string
  readonly client: Client
  readonly clock: Clock
  /** For the polls that read many pages, settlement and ledger together. */
  readonly pages: Gate
  readonly onPoll: OnPoll
}

const PAGED: ReadonlySet<AccountPoll> = new Set(['settlement', 'ledger'])

export function createAccountApi(options: AccountApiOptions): AccountApi {
  const { account, baseUrl, client, clock, pages, onPoll } = options
  const serverTime = createServerTime()
  const warned = new Set<string>()

  return {
    ...account,
    serverTime: (localMs) => serverTime.at(localMs),
    async ask({ poll, path, parse, isFlawed }) {
      if (PAGED.has(poll)) await pages.pass()
      const sentMs = clock.now()
      const answer = await client.get(accountUrl(baseUrl, path), account.apiKey)
      if (answer.dateMs !== undefined) serverTime.observe(answer.dateMs, sentMs, clock.now())
      const value = 'json' in answer ? parse(answer.json) : undefined
      if (value !== undefined) {
        onPoll(account.name, poll, isFlawed?.(value) === true ? 'unparsable' : undefined)
        return { value }
      }
      const errorType = 'errorType' in answer ? answer.errorType : 'unparsable'
      onPoll(account.name, poll, errorType)
      report('debug', `account "${account.name}": a request for its ${poll} failed (${errorType})`)
      return { ...answer, errorType }
    },
    warnRefused(poll, status) {
      // One key serves every poll: a 401 says it once for all of them.
      const what = status === '401' ? 'the key' : `the key for the ${poll}`
      if (warned.has(what)) return
      warned.add(what)
      report(
        'warn',
        `the API refuses ${what} of account "${account.name}" (HTTP ${status}). ` +
          'What depends on it stays without data; it is tried again every 15 minutes.',
      )
    },
  }
}
