/** Prices and shut-down dates of the models in use, from the public catalogue. Requested once an hour. */
import {
  CATALOGUE_PATH,
  DEPRECATIONS_PATH,
  parseCatalogue,
  parseDeprecations,
  type TokenPrice,
} from '../api/account-catalogue.ts'
import type { ModelSnapshot } from '../ports.ts'
import type { AccountApi, AccountRequest } from './account-api.ts'
import type { RoundResult } from './poller.ts'

/** The catalogue's facts of the models in use. */
export interface Catalogue {
  /** One round of requests, to be run by a poller. */
  round(): Promise<RoundResult>
  /** Marks a model as in use, under this name. */
  use(model: string): void
  /** The models in use that have a price or a shut-down date. */
  models(): ModelSnapshot[]
}

export const CATALOGUE_INTERVAL_MS = 60 * 60_000

/** @param maxModels models in use that are kept: those that were used last. */
export function createCatalogue(api: AccountApi, maxModels: number): Catalogue {
  /** The one that was used last is the last. */
  const inUse = new Set<string>()
  let prices: ReadonlyMap<string, readonly TokenPrice[]> = new Map()
  let shutdowns: ReadonlyMap<string, number> = new Map()

  const askPrices = createConditional(api, { path: CATALOGUE_PATH, parse: parseCatalogue }, (models) => {
    prices = new Map(models.flatMap(({ names, prices: each }) => names.map((name) => [name, each] as const)))
  })
  const askShutdowns = createConditional(
    api,
    { path: DEPRECATIONS_PATH, parse: parseDeprecations },
    (models) => {
      shutdowns = new Map(
        models.flatMap(({ names, shutdownMs }) => names.map((name) => [name, shutdownMs] as const)),
      )
    },
  )

  const isKnown = (model: string): boolean => prices.has(model) || shutdowns.has(model)

  return {
    async round() {
      const results = [await askPrices(), await askShutdowns()]
      // What the catalogue does not have must not take the place of what it has.
      if (prices.size > 0) for (const model of inUse) if (!isKnown(model)) inUse.delete(model)
      return results.find(({ errorType }) => errorType !== undefined) ?? {}
    },
    use(model) {
      if (prices.size > 0 && !isKnown(model)) return
      inUse.delete(model)
      inUse.add(model)
      if (inUse.size <= maxModels) return
      const [longestUnused = ''] = inUse
      inUse.delete(longestUnused)
    },
    models() {
      return [...inUse].flatMap((model) => {
        const shutdownMs = shutdowns.get(model)
        const known = prices.get(model) ?? []
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

/** Sends requests with the ETag of the last response, so that an unchanged body is not transferred again. */
function createConditional<Value>(
  api: AccountApi,
  request: Pick<AccountRequest<Value>, 'path' | 'parse'>,
  onChanged: (value: Value) => void,
): () => Promise<RoundResult> {
  let etag: string | undefined
  return async () => {
    const reply = await api.ask({ poll: 'catalogue', ...request, etag })
    if ('value' in reply) {
      ;({ etag } = reply)
      onChanged(reply.value)
      return {}
    }
    return reply.errorType === '304' ? {} : reply
  }
}
