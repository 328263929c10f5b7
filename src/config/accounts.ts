/** Accounts and their keys. No message shows a key, nor a name that may be a key in the wrong place. */
import { DEFAULT_ACCOUNT, OTHER_ACCOUNT } from '../account-names.ts'
import {
  describeKind,
  environmentOrigin,
  optionOrigin,
  rejectSecret,
  rejectValue,
  type Origin,
} from './errors.ts'
import { isObject, readVariable, rejectUnknownKeys, type Environment } from './values.ts'

/** One key, and its name in metrics. Two keys of one account of the API are two accounts here, each with the whole balance. */
export interface Account {
  /** Label of the account in every metric. */
  readonly name: string
  /** Kept in memory for comparison and the account's own requests; never recorded. */
  readonly apiKey: string
  /** Reads limits and usage of every key of the account; sent to key and usage endpoints only. */
  readonly managementKey?: string | undefined
}

export const KEY_VARIABLES = ['AIMLAPI_API_KEY', 'AIML_API_KEY', 'AIMLAPI_KEY'] as const
export const ACCOUNTS_VARIABLE = 'AIMLAPI_ACCOUNTS'

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} _.:@/-]{0,63}$/u
const NAME_ACCEPTED = `a name of 1 to 64 letters, digits, spaces and _ . : @ / - that begins with a letter or digit, not "${OTHER_ACCOUNT}"`
// What can stand in an Authorization header.
const KEY = /^[\x21-\x7e]{1,512}$/
const KEY_ACCEPTED = 'a key: 1 to 512 printable ASCII characters without spaces'

/**
 * The accounts of options and environment: `accounts`, else `apiKey`, else AIMLAPI_ACCOUNTS, else the first key
 * variable that is set. Without any of them there is no account: calls are still measured, under the name `default`.
 * An invalid key in the environment is no error: `warn` is called, and its account is left out.
 */
export function resolveAccounts(
  accounts: unknown,
  apiKey: unknown,
  environment: Environment,
  warn: (line: string) => void,
): readonly Account[] {
  if (accounts !== undefined && apiKey !== undefined)
    return rejectSecret('options "accounts" and "apiKey"', 'are both given', 'one of the two')
  if (accounts !== undefined) return parseAccountList(accounts)
  if (apiKey !== undefined)
    return [{ name: DEFAULT_ACCOUNT, apiKey: parseKey(optionOrigin('apiKey'), apiKey) }]

  const list = readVariable(environment, ACCOUNTS_VARIABLE)
  if (list !== undefined) return parseAccountVariable(list, warn)
  for (const variable of KEY_VARIABLES) {
    const key = readVariable(environment, variable)
    if (key === undefined) continue
    const origin = environmentOrigin(variable)
    if (KEY.test(key)) return [{ name: DEFAULT_ACCOUNT, apiKey: key }]
    warn(
      describeUnusableKey(origin, key, 'calls are measured; metrics of the account and settlement are off'),
    )
    return []
  }
  return []
}

function describeUnusableKey(origin: Origin, key: string, consequence: string): string {
  const problem = key === '' ? 'has no key' : 'has a bad key (not shown)'
  return `${origin} ${problem}: ${consequence}; accepted: ${KEY_ACCEPTED}`
}

function parseAccountList(accounts: unknown): readonly Account[] {
  const origin = optionOrigin('accounts')
  if (!Array.isArray(accounts))
    return rejectValue(origin, typeof accounts === 'string' ? '…' : accounts, 'an array of { name, apiKey }')
  return unique(
    origin,
    accounts.map((account: unknown, index) => {
      const at = `accounts[${index}]`
      if (!isObject(account)) return rejectSecret(optionOrigin(at), 'is not an object', '{ name, apiKey }')
      rejectUnknownKeys(account, ['name', 'apiKey', 'managementKey'], `${at}.`)
      const name = parseName(optionOrigin(`${at}.name`), account['name'])
      const apiKey = parseKey(optionOrigin(`${at}.apiKey`), account['apiKey'])
      if (account['managementKey'] === undefined) return { name, apiKey }
      const managementKey = parseKey(optionOrigin(`${at}.managementKey`), account['managementKey'])
      return { name, apiKey, managementKey }
    }),
  )
}

function parseAccountVariable(text: string, warn: (line: string) => void): readonly Account[] {
  const origin = environmentOrigin(ACCOUNTS_VARIABLE)
  const entries = text.split(',')
  // A trailing comma is common in generated lists.
  if (entries.at(-1)?.trim() === '') entries.pop()
  const named = unique(
    origin,
    entries.map((entry, index) => {
      const at = `${origin}, entry ${index + 1}`
      const equals = entry.indexOf('=')
      if (equals === -1) return rejectSecret(at, 'has no "="', 'name=key,name=key')
      return { name: parseName(at, entry.slice(0, equals)), apiKey: entry.slice(equals + 1).trim() }
    }),
  )
  return named.filter(({ name, apiKey }) => {
    const isUsable = KEY.test(apiKey)
    if (!isUsable) warn(describeUnusableKey(origin, apiKey, `the account ${name} is left out`))
    return isUsable
  })
}

function parseName(origin: Origin, value: unknown): string {
  const name = typeof value === 'string' ? value.trim() : ''
  if (name === '') return rejectSecret(origin, 'has no account name', NAME_ACCEPTED)
  if (!NAME.test(name)) return rejectSecret(origin, 'has a bad account name (not shown)', NAME_ACCEPTED)
  if (name === OTHER_ACCOUNT) return rejectSecret(origin, `has the reserved name "${name}"`, NAME_ACCEPTED)
  return name
}

/** A valid API key. @throws ConfigurationError, without showing the value. */
export function parseKey(origin: Origin, value: unknown): string {
  if (value !== undefined && typeof value !== 'string')
    return rejectSecret(origin, `is not text but ${describeKind(value)}`, KEY_ACCEPTED)
  const key = value?.trim() ?? ''
  if (key === '') return rejectSecret(origin, 'has no key', KEY_ACCEPTED)
  // "=" alone is the end of a key that stands where its name should.
  if (!KEY.test(key) || /^=+$/.test(key))
    return rejectSecret(origin, 'has a bad key (not shown)', KEY_ACCEPTED)
  return key
}

function unique(origin: Origin, accounts: readonly Account[]): readonly Account[] {
  if (accounts.length === 0) rejectSecret(origin, 'has no entry', 'at least one account')
  for (const field of ['name', 'apiKey'] as const) {
    const values = accounts.map((account) => account[field])
    const index = values.findIndex((value, at) => value !== '' && values.indexOf(value) < at)
    if (index === -1) continue
    const what = field === 'name' ? 'account name' : 'API key'
    const places = `${values.indexOf(values[index] ?? '') + 1} and ${index + 1}`
    rejectSecret(origin, `has the same ${what} in entries ${places}`, 'each name and each key once')
  }
  return accounts
}
