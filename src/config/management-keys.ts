/** Management keys: they read limits and usage of every key of an account. No message shows one. */
import { DEFAULT_ACCOUNT } from '../account-names.ts'
import { parseKey, type Account } from './accounts.ts'
import { describeKind, rejectSecret } from './errors.ts'
import { firstGiven, type Environment } from './values.ts'

/** Keys by the name of their account. */
export type ManagementKeys = ReadonlyMap<string, string>

/**
 * `managementKey` of the options or AIMLAPI_MANAGEMENT_KEY: one key, or `name=key,name=key` of several accounts; an
 * account's own `managementKey` wins. Without accounts, a single key belongs to the account `default`.
 *
 * A variable that cannot be used only switches off what needs it: `warn` is called.
 *
 * @throws ConfigurationError for a bad option.
 */
export function resolveManagementKeys(
  given: unknown,
  accounts: readonly Account[],
  environment: Environment,
  warn: (line: string) => void,
): ManagementKeys {
  const [origin, text] = firstGiven('managementKey', given, 'AIMLAPI_MANAGEMENT_KEY', environment, undefined)
  const names = accounts.length === 0 ? [DEFAULT_ACCOUNT] : accounts.map(({ name }) => name)
  const own = accounts.flatMap(({ name, managementKey }) =>
    managementKey === undefined ? [] : [[name, managementKey] as const],
  )
  let keys: readonly (readonly [name: string, key: string])[] = []
  try {
    if (text !== undefined) keys = readKeys(origin, text, names)
  } catch (error) {
    if (given !== undefined) throw error
    warn(`${(error as Error).message}. Limits and usage of other keys are not read, and nothing else is off`)
  }
  return new Map([...keys, ...own])
}

function readKeys(origin: string, given: unknown, names: readonly string[]): [name: string, key: string][] {
  if (typeof given !== 'string')
    return rejectSecret(origin, `is not text but ${describeKind(given)}`, 'a key, or name=key,name=key')
  const text = given.trim()
  const entries = text.split(',').filter((entry) => entry.trim() !== '')
  // A key may contain "=": text that does not begin with a known name is a single key.
  const isList = entries.some((entry) => names.includes(nameOf(entry)))
  if (!isList) {
    const [name, ...others] = names
    const key = parseKey(origin, entries.length === 1 ? (entries[0] as string) : text)
    if (others.length > 0 || name === undefined)
      return rejectSecret(origin, 'does not say which account it belongs to', 'name=key,name=key')
    return [[name, key]]
  }
  const keys = new Map<string, string>()
  for (const [index, entry] of entries.entries()) {
    const at = `${origin}, entry ${index + 1}`
    const name = nameOf(entry)
    if (!names.includes(name))
      return rejectSecret(
        at,
        'names no configured account (not shown)',
        `name=key with one of ${names.join(', ')}`,
      )
    if (keys.has(name)) return rejectSecret(at, `is a second one for account "${name}"`, 'each account once')
    keys.set(name, parseKey(at, entry.slice(entry.indexOf('=') + 1)))
  }
  return [...keys]
}

function nameOf(entry: string): string {
  return entry.slice(0, Math.max(0, entry.indexOf('='))).trim()
}
