/** Sends one account's requests: with the right key, spaced out, retried, counted, and with one warning per problem. */
import { accountUrl } from '../api/account.ts'
import type { Account } from '../config.ts'
import { createOnce } from '../once.ts'
import type { AccountPoll } from '../ports.ts'
import type { Client, ClientResponse } from './client.ts'
import type { Clock } from './clock.ts'
import { report } from '../diagnostics.ts'
import { createGate } from './gate.ts'
import type { RoundResult } from './poller.ts'
import { createReachability, isUnreachable } from './reachability.ts'
import { ServerTime } from './server-time.ts'

/** Called after every request; `errorType` when it failed. */
export type OnPoll = (account: string, poll: AccountPoll, errorType?: string) => void

/** One request to an account endpoint, and how to read its response. */
export interface AccountRequest<Value> {
  readonly poll: AccountPoll
  readonly path: string
  /** Reads the response. `undefined`: it has another shape, and the error is `unparsable`. */
  readonly parse: (json: unknown) => Value | undefined
  /** The response is usable, but a part of it was unreadable: the request is counted as `unparsable` nevertheless. */
  readonly isFlawed?: (value: Value) => boolean
  /** The ETag of the last response: when it has not changed, the error is `304` and no body is sent. */
  readonly etag?: string | undefined
}

/** The result of a request: the value that was read, or why there is none. */
export type Reply<Value> =
  | {
      readonly value: Value
      readonly etag: string | undefined
      /** By the server's clock. */
      readonly atMs: number
    }
  | (RoundResult & { readonly errorType: string })

/** One account, as polls see it. */
export type AccountApi = ReturnType<typeof createAccountApi>

interface AccountApiOptions {
  readonly account: Account
  /** Sent instead of the account's key to key and usage endpoints, and nowhere else. */
  readonly managementKey?: string | undefined
  readonly baseUrl: string
  readonly client: Client
  readonly clock: Clock
  /** Between two requests of the polls that may send many. */
  readonly spacingMs: number
  readonly onPoll: OnPoll
}

/** Which key a poll sends, and whether it waits at the gate. */
const POLLS: Readonly<Record<AccountPoll, { key: 'own' | 'management' | 'none'; gated: boolean }>> = {
  balance: { key: 'own', gated: false },
  key: { key: 'management', gated: false },
  usage: { key: 'management', gated: true },
  ledger: { key: 'own', gated: true },
  settlement: { key: 'own', gated: true },
  catalogue: { key: 'none', gated: false },
}

const MAX_ATTEMPTS = 3
/** Pause before the second attempt; before the third it is four times as long. Both vary by half. */
const FIRST_PAUSE_MS = 500
/** When `Retry-After` is longer, the next round tries again. */
const MAX_PAUSE_MS = 10_000
const UNCHANGED = '304'

/** Sends the requests of one account, spaced and repeated, and reports each of them to `onPoll`. */
export function createAccountApi(options: AccountApiOptions) {
  const { account, managementKey, baseUrl, client, clock, spacingMs, onPoll } = options
  const pages = createGate(spacingMs, clock)
  const serverTime = new ServerTime()
  const reachability = createReachability(account.name, clock)
  const isFirstWarning = createOnce()
  const keys = { own: account.apiKey, management: managementKey ?? account.apiKey, none: undefined }

  async function send<Value>(request: AccountRequest<Value>): Promise<Reply<Value>> {
    const { poll, path, parse, isFlawed, etag } = request
    const { key, gated } = POLLS[poll]
    if (gated) await pages.pass()
    const sentMs = clock.now()
    const response = await client.get(accountUrl(baseUrl, path), keys[key], etag)
    const receivedMs = clock.now()
    if (response.dateMs !== undefined)
      serverTime.observe(response.dateMs, sentMs, receivedMs, clock.monotonicMs())
    const value = 'json' in response ? parse(response.json) : undefined
    if (gated) noteRate(response)
    if (value !== undefined) {
      onPoll(account.name, poll, isFlawed?.(value) === true ? 'unparsable' : undefined)
      return { value, atMs: serverTime.at(receivedMs), etag: response.etag }
    }
    const errorType = 'errorType' in response ? response.errorType : 'unparsable'
    onPoll(account.name, poll, errorType === UNCHANGED ? undefined : errorType)
    if (errorType !== UNCHANGED)
      report('debug', `account "${account.name}": a request for its ${poll} failed (${errorType})`)
    return { errorType, ...(response.retryAfterMs !== undefined && { retryAfterMs: response.retryAfterMs }) }
  }

  function noteRate(response: ClientResponse): void {
    if (!('errorType' in response)) pages.answered()
    else if (response.errorType === '429') pages.refused(response.retryAfterMs)
  }

  return {
    ...account,
    /** Its requests for keys and usage are sent with a management key. */
    isManaged: managementKey !== undefined,
    clock,
    /** Converts local milliseconds since the epoch to the server's clock, as far as its difference is known. */
    serverTime: (localMs: number): number => serverTime.at(localMs),
    serverNow: (): number => serverTime.at(clock.now()),
    /** Sends the request, up to 3 times. Never rejects. */
    async ask<Value>(request: AccountRequest<Value>): Promise<Reply<Value>> {
      for (let attempt = 1; ; attempt += 1) {
        const reply = await send(request)
        const pauseMs = 'errorType' in reply ? readPause(reply, attempt, clock.random()) : undefined
        if (!('errorType' in reply) || !isUnreachable(reply.errorType)) reachability.answered()
        else if (pauseMs === undefined) reachability.unanswered(reply.errorType)
        if (pauseMs === undefined) return reply
        await new Promise<void>((resolve) => {
          clock.after(pauseMs, resolve)
        })
      }
    },
    /** Logs once that the key was refused, 401 or 403. Names the account, never the key. */
    warnRefused(poll: AccountPoll, status: string): void {
      // All polls share the key: after a 401, one warning is enough for all of them.
      const isOwn = keys[POLLS[poll].key] === account.apiKey
      const what = status === '401' && isOwn ? 'the key' : `the key for the ${poll}`
      if (!isFirstWarning(what)) return
      const variable = isOwn ? 'AIMLAPI_API_KEY or AIMLAPI_ACCOUNTS' : 'AIMLAPI_MANAGEMENT_KEY'
      const hint =
        status === '401' ? `check ${variable}: is it complete, and enabled?` : 'it may lack a permission.'
      report(
        'warn',
        `the API refuses ${what} of account "${account.name}" (HTTP ${status}): ${hint} ` +
          'What depends on it stays without data. It is tried again every 15 minutes.',
      )
    },
  }
}

/** Milliseconds before the next attempt, or `undefined` when another attempt now cannot help. */
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
