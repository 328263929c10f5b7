/** Budgets: how much may be spent in a day or a month, by an account or by one value of a spend tag. */
import { DEFAULT_ACCOUNT } from '../account-names.ts'
import type { Account } from './accounts.ts'
import { rejectEntry, rejectSecret, rejectValue, type Origin } from './errors.ts'
import { tagLabel } from './metric-tags.ts'
import { firstGiven, isObject, splitList, type Environment } from './values.ts'

const BUDGET_PERIODS = ['day', 'month'] as const

/** One budget, of an account or of a spend tag's value. */
export interface Budget {
  readonly period: (typeof BUDGET_PERIODS)[number]
  /** US dollars, above 0. */
  readonly usd: number
  /** Absent for the budget of a tag. */
  readonly account?: string
  /** The budget of all calls with this spend tag. */
  readonly tag?: { readonly name: string; readonly value: string }
}

const MAX_BUDGETS = 1000
const MAX_USD = 1_000_000_000
const AMOUNT = /^\d{1,10}(?:\.\d{1,9})?$/
const SUBJECT = /^(?<name>[A-Za-z][\w.-]{0,63}):(?<value>.{1,128})$/u
/** `account:prod/day=50` is the budget of that account; any other name is a spend tag. */
const ACCOUNT_SUBJECT = 'account'
const ACCEPTED =
  'day=50,month=1000 (of every account), account:NAME/day=50 or TAG:VALUE/day=10, in US dollars above 0'

/**
 * The budgets of the option, else of AIMLAPI_BUDGETS. A budget without a subject applies to each account separately.
 *
 * @throws ConfigurationError
 */
export function resolveBudgets(
  given: unknown,
  accounts: readonly Account[],
  environment: Environment,
): readonly Budget[] {
  const [origin, value] = firstGiven('budgets', given, 'AIMLAPI_BUDGETS', environment, '')
  const entries = readEntries(origin, value)
  if (entries.length > MAX_BUDGETS)
    return rejectSecret(origin, `has ${entries.length} budgets`, `at most ${MAX_BUDGETS} budgets`)
  const names = accounts.length === 0 ? [DEFAULT_ACCOUNT] : accounts.map(({ name }) => name)
  const budgets = entries.flatMap(([subject, amount]) => parseBudget(origin, subject, amount, names))
  rejectDuplicates(origin, budgets)
  return budgets
}

function readEntries(origin: Origin, given: unknown): (readonly [subject: string, amount: unknown])[] {
  if (isObject(given)) return Object.entries(given)
  if (typeof given !== 'string') return rejectValue(origin, given, ACCEPTED)
  return splitList(given).map((entry) => {
    const equals = entry.lastIndexOf('=')
    if (equals === -1) return rejectEntry(origin, entry, ACCEPTED)
    return [entry.slice(0, equals).trim(), entry.slice(equals + 1).trim()] as const
  })
}

function parseBudget(
  origin: Origin,
  key: string,
  amount: unknown,
  accounts: readonly string[],
): readonly Budget[] {
  const slash = key.lastIndexOf('/')
  const period = BUDGET_PERIODS.find((each) => each === key.slice(slash + 1))
  const usd = typeof amount === 'string' && AMOUNT.test(amount) ? Number(amount) : amount
  if (period === undefined) return rejectEntry(origin, key, ACCEPTED)
  if (typeof usd !== 'number' || !(usd > 0 && usd <= MAX_USD))
    return rejectEntry(origin, `${key}=${String(amount)}`, ACCEPTED)
  if (slash === -1) return accounts.map((account) => ({ account, period, usd }))
  const { name, value } = SUBJECT.exec(key.slice(0, slash))?.groups ?? {}
  if (name === undefined || value === undefined) return rejectEntry(origin, key, ACCEPTED)
  if (name !== ACCOUNT_SUBJECT) return [{ tag: { name, value }, period, usd }]
  if (!accounts.includes(value))
    return rejectEntry(origin, key, `an account that is configured: ${accounts.join(', ')}`)
  return [{ account: value, period, usd }]
}

function rejectDuplicates(origin: Origin, budgets: readonly Budget[]): void {
  const seen = new Set<string>()
  for (const { account, tag, period } of budgets) {
    // Prometheus would take two tags with one spelling for one series.
    const subject =
      tag === undefined ? `account:${account}/${period}` : `${tagLabel(tag.name)}:${tag.value}/${period}`
    if (seen.has(subject)) rejectSecret(origin, `has ${subject} twice`, 'each budget once')
    seen.add(subject)
  }
}
