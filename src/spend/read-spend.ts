/** Reads what the keys of every account spent, by day and model. */
import { createAccountApi, type AccountApi } from '../account/account-api.ts'
import { createClient } from '../account/client.ts'
import { createClock } from '../account/clock.ts'
import { prefixOf } from '../account/keys.ts'
import { ALL_KEYS, KEY_PREFIX_LENGTH, type KeyList } from '../api/account-keys.ts'
import { parseUsageDetail, usageDetailPath } from '../api/account-usage.ts'
import type { UsageTotals } from '../ports.ts'
import type { Config } from '../config.ts'
import type { Period } from './period.ts'

/** What one key spent on one model on one day. */
export interface SpendRow extends UsageTotals {
  readonly account: string
  readonly keyPrefix: string
  /** The name that its owner gave it. */
  readonly keyName?: string
  /** `YYYY-MM-DD`. */
  readonly day: string
  readonly model: string
}

/** A request that failed. */
export interface SpendProblem {
  readonly account: string
  /** Absent when the keys of the account could not be read. */
  readonly keyPrefix?: string
  /** Which key the request was sent with. */
  readonly sentWith: 'api key' | 'management key'
  readonly errorType: string
}

/** The spend of a period, and what is missing in it. */
export interface Spend {
  readonly period: Period
  readonly rows: readonly SpendRow[]
  readonly problems: readonly SpendProblem[]
  /** Every key that can be read, whichever was asked for. */
  readonly keyPrefixes: readonly string[]
  /** Accounts of which only the configured key was read: without a management key there may be other keys. */
  readonly ownKeyOnly: readonly string[]
}

/** What was read of one account. */
interface AccountSpend extends Pick<Spend, 'rows' | 'problems' | 'keyPrefixes'> {
  readonly isRead: boolean
}

/** What to read. */
export interface ReadSpendOptions {
  readonly config: Pick<Config, 'accounts' | 'managementKeys' | 'accountBaseUrl'>
  readonly period: Period
  /** Read only this key. */
  readonly keyPrefix?: string | undefined
  /** Called with the number of keys that were read and that are known so far, when one of the two grows. */
  readonly onProgress?: (read: number, known: number) => void
}

/** Time-out of a request; long, because the API sums weeks. */
const TIMEOUT_MS = 60_000
/** Between two requests with one key. */
const SPACING_MS = 350
/** A total may differ from its groups by nano-dollars. */
const ROUNDING_USD = 0.0001
/** The model of requests without one in the API's figures. */
const UNKNOWN_MODEL = 'unknown'

/** Reads all accounts in parallel. Never rejects. Requests do not keep the process alive: the caller must. */
export async function readSpend(options: ReadSpendOptions): Promise<Spend> {
  const { config, period, onProgress } = options
  const client = createClient(TIMEOUT_MS)
  const { managementKeys, accountBaseUrl: baseUrl } = config
  const shared = { baseUrl, client, clock: createClock(), spacingMs: SPACING_MS, onPoll() {} }
  const named = config.accounts.map(({ name }) => name)
  const unnamed = [...managementKeys.keys()].filter((name) => !named.includes(name))
  const accounts = [...config.accounts, ...unnamed.map((name) => ({ name, apiKey: '' }))]
  let read = 0
  let known = 0
  const advance = (readMore: number, knownMore: number): void => {
    read += readMore
    known += knownMore
    onProgress?.(read, known)
  }

  const parts = await Promise.all(
    accounts.map(async (account) => {
      const managementKey = managementKeys.get(account.name)
      const api = createAccountApi({ ...shared, account, managementKey })
      return readAccount(api, managementKey !== undefined, options, advance)
    }),
  )
  client.close()
  return {
    period,
    rows: onceForEachKey(parts.flatMap(({ rows }) => rows)),
    problems: parts.flatMap(({ problems }) => problems),
    keyPrefixes: parts.flatMap(({ keyPrefixes }) => keyPrefixes),
    ownKeyOnly: named.filter((name, index) => !managementKeys.has(name) && parts[index]?.isRead === true),
  }
}

/** A management key lists all keys of its account, also those that are configured under another name. */
function onceForEachKey(rows: readonly SpendRow[]): SpendRow[] {
  const accounts = new Map<string, string>()
  return rows.filter(({ account, keyPrefix }) => {
    const first = accounts.get(keyPrefix) ?? account
    accounts.set(keyPrefix, first)
    return first === account || keyPrefix.length < KEY_PREFIX_LENGTH
  })
}

async function readAccount(
  api: AccountApi,
  isManaged: boolean,
  { period, keyPrefix }: ReadSpendOptions,
  advance: (readMore: number, knownMore: number) => void,
): Promise<AccountSpend> {
  const account = api.name
  const sentWith = isManaged ? 'management key' : 'api key'
  const listed = isManaged
    ? await api.ask({ poll: 'key', ...ALL_KEYS })
    : { value: { keys: [{ prefix: prefixOf(api.apiKey) }], malformed: 0 } }
  if ('errorType' in listed) {
    const { errorType } = listed
    return { rows: [], problems: [{ account, sentWith, errorType }], keyPrefixes: [], isRead: false }
  }
  const { keys, malformed }: KeyList = listed.value
  const wanted = keys.filter(({ prefix }) => keyPrefix === undefined || prefix === keyPrefix)
  advance(0, wanted.length)
  const rows: SpendRow[] = []
  const problems: SpendProblem[] = []
  // Keys that cannot be read may have spent.
  if (malformed > 0) problems.push({ account, sentWith, errorType: 'unparsable' })
  let isRead = false
  for (const { prefix, name } of wanted) {
    const reply = await api.ask({
      poll: 'usage',
      path: usageDetailPath({ ...period, groupBy: 'day,model', ...(isManaged && { keyPrefix: prefix }) }),
      parse: parseUsageDetail,
    })
    advance(1, 0)
    if (!('value' in reply)) {
      const { errorType } = reply
      // A refused value may be no key at all: no part of it is shown.
      problems.push({ account, ...(isManaged && { keyPrefix: prefix }), sentWith, errorType })
      continue
    }
    isRead = true
    const labels = { account, keyPrefix: prefix, ...(name !== undefined && { keyName: clean(name) }) }
    for (const { model = UNKNOWN_MODEL, ...figures } of reply.value.groups)
      rows.push({ ...labels, model: clean(model), ...figures })
    // Without these problems the figures would look complete.
    const { spendUsd, groups, malformed: unread } = reply.value
    const shownUsd = groups.reduce((sum, { usd }) => sum + usd, 0)
    if (unread > 0) problems.push({ account, keyPrefix: prefix, sentWith, errorType: 'unparsable' })
    else if (spendUsd - shownUsd > ROUNDING_USD)
      problems.push({ account, keyPrefix: prefix, sentWith, errorType: 'incomplete' })
  }
  return { rows, problems, keyPrefixes: keys.map(({ prefix }) => prefix), isRead }
}

/** Removes what a terminal would obey, such as control characters and those that turn text around. */
function clean(name: string): string {
  return name.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ')
}
