/**
 * Limits and usage of the account's keys: with a management key of all of them, else of the configured one while it is
 * the one that was used last.
 */
import { MAX_KEYS } from '../account-names.ts'
import { ALL_KEYS, KEY_PREFIX_LENGTH, LAST_USED_KEY, type KeyFacts } from '../api/account-keys.ts'
import type { AccountApi } from './account-api.ts'
import { report } from '../diagnostics.ts'
import { createOnce } from '../once.ts'
import type { RoundResult } from './poller.ts'

/** The public handle of a key. Of one that is shorter than the API's own, too little to guess the rest. */
export function prefixOf(apiKey: string): string {
  return apiKey.slice(0, Math.min(KEY_PREFIX_LENGTH, apiKey.length / 4))
}

/**
 * Returns one round of requesting the keys, to be run by a poller.
 * @param onKeys called after every good response with the keys in it; keys of earlier responses are gone.
 */
export function createKeysRound(
  api: AccountApi,
  onKeys: (keys: readonly KeyFacts[]) => void,
): () => Promise<RoundResult> {
  const isFirstCapped = createOnce()
  if (api.isManaged)
    return async () => {
      const reply = await api.ask({ poll: 'key', ...ALL_KEYS })
      if (!('value' in reply)) return reply
      const { keys } = reply.value
      if (keys.length > MAX_KEYS && isFirstCapped()) {
        report(
          'warn',
          `account "${api.name}" has more than ${MAX_KEYS} keys: the ${MAX_KEYS} that spent most this month are read; spend of the others is missing`,
        )
      }
      const mostExpensiveFirst = keys.toSorted((a, b) => (b.usageUsd ?? 0) - (a.usageUsd ?? 0))
      onKeys(keys.length > MAX_KEYS ? mostExpensiveFirst.slice(0, MAX_KEYS) : keys)
      return {}
    }
  // The endpoint describes the key that was used last, which may be another one than the one that sends the request.
  return async () => {
    const reply = await api.ask({ poll: 'key', ...LAST_USED_KEY })
    if (!('value' in reply)) return reply
    onKeys(reply.value.prefix === prefixOf(api.apiKey) ? [reply.value] : [])
    return {}
  }
}
