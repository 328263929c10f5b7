/**
 * Prices and shut-down dates of models: `GET /v1/models?include=pricing` and `GET /v1/models/deprecations`. Both are
 * public: no key is sent.
 * Source: docs.aimlapi.com, "Models Catalogue", "Model Deprecations".
 */
import { amount, compact, MAX_USD, oneOf, text } from './account-fields.ts'
import { fieldsOf, type Fields } from './fields.ts'
import type { ModelSnapshot } from '../ports.ts'

export const CATALOGUE = { path: '/v1/models?include=pricing', parse: parseCatalogue }
export const DEPRECATIONS = { path: '/v1/models/deprecations', parse: parseDeprecations }

/** Price of one token, in US dollars. */
export type TokenPrice = ModelSnapshot['prices'][number]

/** The catalogue's `measure` → labels of our price metric. */
const MEASURES: Readonly<Record<string, Omit<TokenPrice, 'usd'>>> = {
  input: { tokenType: 'input' },
  output: { tokenType: 'output' },
  cache_read: { tokenType: 'input', detail: 'cache_read' },
  cached_input: { tokenType: 'input', detail: 'cache_read' },
  input_cache_read: { tokenType: 'input', detail: 'cache_read' },
  cache_write: { tokenType: 'input', detail: 'cache_write' },
  input_cache_write: { tokenType: 'input', detail: 'cache_write' },
}

/** By the id of a model and every alias: calls may use any of them. */
export type ByModel<Fact> = ReadonlyMap<string, Fact>

/**
 * The prices of each model of the catalogue; none where the price is not fixed or the model is not billed by tokens.
 * Rows without an id are left out. `undefined`: the JSON has another shape.
 */
export function parseCatalogue(json: unknown): ByModel<readonly TokenPrice[]> | undefined {
  return readModels(json, (row) => readPrices(fieldsOf(row['pricing'])))
}

/**
 * When models will be or were shut down: 00:00 UTC of the day, milliseconds since the epoch. `undefined`: the JSON has
 * another shape.
 */
export function parseDeprecations(json: unknown): ByModel<number> | undefined {
  return readModels(json, (row) => {
    const date = text(row['shutdown_at'])
    const shutdownMs = date !== undefined && /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(date) : Number.NaN
    // A model of another status, such as superseded, goes on working.
    const ends = oneOf(['deprecated', 'withdrawn'], row['status']) !== undefined && !Number.isNaN(shutdownMs)
    return ends ? shutdownMs : undefined
  })
}

function readModels<Fact>(json: unknown, read: (row: Fields) => Fact | undefined): ByModel<Fact> | undefined {
  const { data } = fieldsOf(json)
  if (!Array.isArray(data)) return undefined
  const facts = new Map<string, Fact>()
  for (const row of data.map((each: unknown) => fieldsOf(each))) {
    const fact = read(row)
    if (fact !== undefined) for (const name of readNames(row)) facts.set(name, fact)
  }
  return facts
}

function readNames(row: Fields): string[] {
  const aliases: unknown[] = Array.isArray(row['aliases']) ? row['aliases'] : []
  const id = text(row['id'])
  if (id === undefined) return []
  return [id, ...aliases.map((alias) => text(alias)).filter((alias) => alias !== undefined)]
}

function readPrices(pricing: Fields): readonly TokenPrice[] {
  const { kind, currency, units } = pricing
  if (kind !== 'fixed' || (currency !== undefined && currency !== 'USD') || !Array.isArray(units)) return []
  const prices = units
    .map((unit: unknown) => readPrice(fieldsOf(unit)))
    .filter((price) => price !== undefined)
  // Two prices for the same tokens (by size of the prompt, for instance) are no fixed price.
  const isAlone = (price: TokenPrice): boolean =>
    prices.filter(({ tokenType, detail }) => tokenType === price.tokenType && detail === price.detail)
      .length === 1
  return prices.filter(isAlone)
}

function readPrice(unit: Fields): TokenPrice | undefined {
  const price = amount(unit['price'], MAX_USD)
  const per = amount(unit['per'])
  const measure = text(unit['measure'])
  const meaning = measure !== undefined && Object.hasOwn(MEASURES, measure) ? MEASURES[measure] : undefined
  if (
    unit['name'] !== 'token' ||
    price === undefined ||
    per === undefined ||
    per < 1 ||
    meaning === undefined
  )
    return undefined
  return compact({ ...meaning, usd: price / per })
}
