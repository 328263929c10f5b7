/** Prices and shut-down dates of the models in use, from the public catalogue. Requested once an hour. */
import { CATALOGUE, DEPRECATIONS, type ByModel } from '../api/account-catalogue.ts'
import type { ModelSnapshot } from '../ports.ts'
import type { AccountApi, AccountRequest } from './account-api.ts'
import type { RoundResult } from './poller.ts'
import type { Pollers } from './pollers.ts'

const INTERVAL_MS = 60 * 60_000

/**
 * Follows the catalogue.
 * @param maxModels models in use that are kept: those that were used last.
 */
export function startCatalogue(api: AccountApi, pollers: Pollers, maxModels: number) {
  /** The one that was used last is the last. */
  const inUse = new Set<string>()
  const prices = followList(api, CATALOGUE)
  const shutdowns = followList(api, DEPRECATIONS)
  const isKnown = (model: string): boolean => prices.facts.has(model) || shutdowns.facts.has(model)

  async function round(): Promise<RoundResult> {
    const results = [await prices.ask(), await shutdowns.ask()]
    // What the catalogue does not have must not take the place of what it has.
    if (prices.facts.size > 0) for (const model of inUse) if (!isKnown(model)) inUse.delete(model)
    return results.find(({ errorType }) => errorType !== undefined) ?? {}
  }
  pollers.start({ api, poll: 'catalogue', intervalMs: INTERVAL_MS, round })

  return {
    /** Marks a model as in use, under this name. */
    use(model: string): void {
      if (prices.facts.size > 0 && !isKnown(model)) return
      inUse.delete(model)
      inUse.add(model)
      if (inUse.size <= maxModels) return
      const [longestUnused = ''] = inUse
      inUse.delete(longestUnused)
    },
    /** The models in use that have a price or a shut-down date. */
    models(): ModelSnapshot[] {
      return [...inUse].flatMap((model) => {
        const shutdownMs = shutdowns.facts.get(model)
        const known = prices.facts.get(model) ?? []
        if (known.length === 0 && shutdownMs === undefined) return []
        return [
          {
            model,
            prices: known,
            ...(shutdownMs !== undefined && { shutdownTimestampSeconds: shutdownMs / 1000 }),
          },
        ]
      })
    },
  }
}

/** One list of the catalogue. Its ETag is sent along, so that an unchanged body is not transferred again. */
function followList<Fact>(api: AccountApi, list: Pick<AccountRequest<ByModel<Fact>>, 'path' | 'parse'>) {
  let etag: string | undefined
  const followed = {
    facts: new Map() as ByModel<Fact>,
    async ask(): Promise<RoundResult> {
      const reply = await api.ask({ poll: 'catalogue', ...list, etag })
      if (!('value' in reply)) return reply.errorType === '304' ? {} : reply
      ;({ etag, value: followed.facts } = reply)
      return {}
    },
  }
  return followed
}
