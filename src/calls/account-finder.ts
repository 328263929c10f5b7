/** Which configured account a call belongs to: the one whose key it sent. */
import { DEFAULT_ACCOUNT, OTHER_ACCOUNT } from '../account-names.ts'
import type { HeaderLookup } from '../traffic/exchange.ts'

/** Where clients put the key: OpenAI style, Anthropic style, Azure style, Google style. */
const KEY_HEADERS = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'] as const
/** Schemes of `Authorization`: OpenAI style, Google style. */
const SCHEME = /^(?:bearer|token)\s+/i

/** Browser-style WebSocket clients cannot set headers: they send the key as a subprotocol. */
const KEY_SUBPROTOCOL = /(?:^|[\s,])openai-insecure-api-key\.([^\s,]+)/

/**
 * Returns what finds the account name of a request. Keys stay in the closure and are only compared. Without accounts
 * every call belongs to `default`; a call with a key that is not configured belongs to `other`.
 */
export function createAccountFinder(
  accounts: readonly { readonly name: string; readonly apiKey: string }[],
): (header: HeaderLookup) => string {
  if (accounts.length === 0) return () => DEFAULT_ACCOUNT
  const nameByKey = new Map(accounts.map(({ name, apiKey }) => [apiKey, name]))
  return (header) => {
    for (const headerName of KEY_HEADERS) {
      const value = header(headerName)
      if (value === undefined) continue
      const name = nameByKey.get(value.replace(SCHEME, '').trim())
      if (name !== undefined) return name
    }
    const [, subprotocol = ''] = KEY_SUBPROTOCOL.exec(header('sec-websocket-protocol') ?? '') ?? []
    return nameByKey.get(subprotocol) ?? OTHER_ACCOUNT
  }
}
