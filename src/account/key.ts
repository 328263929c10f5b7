/** Limit and usage of the key in use. */
import { KEY_PATH, parseKey, type AccountFacts } from '../api/account.ts'
import type { AccountApi } from './account-api.ts'
import type { RoundResult } from './poller.ts'

/** The public handle of a key is its first 8 characters. */
const PREFIX_LENGTH = 8

/**
 * One round of asking for the key's settings; to be run by a poller. The endpoint tells of the account's most
 * recently used key, so an answer is taken only when it is about the key that asked.
 */
export function createKeyRound(
  api: AccountApi,
  onFacts: (facts: AccountFacts) => void,
): () => Promise<RoundResult> {
  return async () => {
    const reply = await api.ask({ poll: 'key', path: KEY_PATH, parse: parseKey })
    if (!('value' in reply)) return reply
    const { prefix, ...facts } = reply.value
    if (prefix === api.apiKey.slice(0, PREFIX_LENGTH)) onFacts(facts)
    return {}
  }
}
