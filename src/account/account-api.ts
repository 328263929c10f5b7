/** One account's own requests: with the right key, spaced out, repeated when they fail, counted, warned about once. */
import { accountUrl } from '../api/account.ts'
import type { Account } from '../config.ts'
import { createOnce } from '../once.ts'
import type { AccountPoll } from '../ports.ts'
import type { Answer, Client } from './client.ts'
import type { Clock } from './clock.ts'
import { report } from '../diagnostics.ts'
import type { Gate } from './gate.ts'
import type { RoundResult } from './poller.ts'
import { createReachability, isUnreachable } from './reachability.ts'
import { createServerTime } from './server-time.ts'

/** Called after every request that was answered or failed. */
export type OnPoll = (account: string, poll: AccountPoll, errorType?: string) => void

export interface Question<Value> {
  readonly poll: AccountPoll
  /** Path and query. */
  readonly path: string
  /** `undefined`: the answer makes no sense (`unparsable`). */
  readonly parse: (json: unknown) => Value | undefined
  /** The answer is of use but not all of it made sense: counted as `unparsable` all the same. */
  readonly isFlawed?: (value: Value) => boolean
  /** Of the last answer: one that is still the same is then not sent again, and the reply's error is `304`. */
  readonly etag?: string | undefined
}

export type Reply<Value> =
  | { readonly value: Value; readonly etag?: string; /** By the server's clock. */ readonly atMs: number }
  | (RoundResult & { readonly errorType: string })

export interface AccountApi extends Account {
  /** Asks up to 3 times. Never rejects. */
  ask<Value>(question: Question<Value>): Promise<Reply<Value>>
  /** Logs once that the key was refused, 401 or 403. Names the account, never the key. */
  warnRefused(poll: AccountPoll, status: string): void
  /** Local milliseconds since the epoch by the server's clock, as far as it is known. */
  serverTime(localMs: number): number
}

export interface AccountApiOptions {
  readonly account: Account
  /** Sent instead of the account's key to key and usage endpoints, and nowhere else. */
  readonly managementKey?: string | undefined
  /** Origin and optional path prefix. */
  readonly baseUrl: string
  readonly client: Client
  readonly clock: Clock
  /** For the polls that may send many requests, all together. */
  readonly pages: Gate
  readonly onPoll: OnPoll
}

/** Which key a poll sends, and whether it waits at the gate. */
const POLLS: Readonly<Record<AccountPoll, { readonly key: 'own' | 'management' | 'none'; gated: boolean }>> =
  {
    balance: { key: 'own', gated: false },
    key: { key: 'management', gated: false },
    usage: { key: 'management', gated: true },
    ledger: { key: 'own', gated: true },
    settlement: { key: 'own', gated: true },
    catalogue: { key: 'none', gated: false },
  }

const MAX_ATTEMPTS = 3
/** Before the second attempt; the third waits four times as long. Both vary by half. */
const FIRST_PAUSE_MS = 500
/** A server that asks for more patience is asked again by the next round. */
const MAX_PAUSE_MS = 10_000
const UNCHANGED = '304'

export function createAccountApi(options: AccountApiOptions): AccountApi {
  const { account, managementKey, baseUrl, client, clock, pages, onPoll } = options
  const serverTime = createServerTime()
  const reachability = createReachability(account.name, clock)
  const isFirstWarning = createOnce()
  const keys = { own: account.apiKey, management: managementKey ?? account.apiKey, none: undefined }

  async function send<Value>(question: Question<Value>): Promise<Reply<Value>> {
    const { poll, path, parse, isFlawed, etag } = question
    const { key, gated } = POLLS[poll]
    if (gated) await pages.pass()
    const sentMs = clock.now()
    const answer = await client.get(accountUrl(baseUrl, path), keys[key], etag)
    const receivedMs = clock.now()
    if (answer.dateMs !== undefined) serverTime.observe(answer.dateMs, sentMs, receivedMs)
    const value = 'json' in answer ? parse(answer.json) : undefined
    if (gated) noteRate(answer)
    if (value !== undefined) {
      onPoll(account.name, poll, isFlawed?.(value) === true ? 'unparsable' : undefined)
      const atMs = answer.dateMs ?? serverTime.at(receivedMs)
      return { value, atMs, ...(answer.etag !== undefined && { etag: answer.etag }) }
    }
    const errorType = 'errorType' in answer ? answer.errorType : 'unparsable'
    onPoll(account.name, poll, errorType === UNCHANGED ? undefined : errorType)
    if (errorType !== UNCHANGED)
      report('debug', `account "${account.name}": a request for its ${poll} failed (${errorType})`)
    return { errorType, ...(answer.retryAfterMs !== undefined && { retryAfterMs: answer.retryAfterMs }) }
  }

  function noteRate(answer: Answer): void {
    if (!('errorType' in answer)) pages.answered()
    else if (answer.errorType === '429') pages.refused(answer.retryAfterMs)
  }

  return {
    ...account,
    serverTime: (localMs) => serverTime.at(localMs),
    async ask(question) {
      for (let attempt = 1; ; attempt += 1) {
        const reply = await send(question)
        if (!('errorType' in reply) || !isUnreachable(reply.errorType)) reachability.answered()
        else if (attempt === MAX_ATTEMPTS) reachability.unanswered(reply.errorType)
        const pauseMs = 'errorType' in reply ? readPause(reply, attempt, clock.random()) : undefined
        if (pauseMs === undefined) return reply
        await new Promise<void>((resolve) => {
          clock.after(pauseMs, resolve)
        })
      }
    },
    warnRefused(poll, status) {
      // One key serves every poll: a 401 says it once for all of them.
      const isOwn = keys[POLLS[poll].key] === account.apiKey
      const what = status === '401' && isOwn ? 'the key' : `the key for the ${poll}`
      if (!isFirstWarning(what)) return
      report(
        'warn',
        `the API refuses ${what} of account "${account.name}" (HTTP ${status}). ` +
          'What depends on it stays without data; it is tried again every 15 minutes.',
      )
    },
  }
}

/** Milliseconds before the next attempt, or `undefined` where asking again now cannot help. */
function readPause(
  { errorType, retryAfterMs = 0 }: RoundResult & { readonly errorType: string },
  attempt: number,
  random: number,
): number | undefined {
  const mayHelp = isUnreachable(errorType) || errorType === '429' || errorType === 'unparsable'
  if (!mayHelp || attempt >= MAX_ATTEMPTS || retryAfterMs > MAX_PAUSE_MS) return undefined
  const pauseMs = FIRST_PAUSE_MS * 4 ** (attempt - 1) * (0.5 + random)
  return Math.max(pauseMs, retryAfterMs)
}
