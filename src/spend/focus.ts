/**
 * FOCUS 1.2 (FinOps Open Cost and Usage Specification, focus.finops.org): one row per day, key and model. Columns for
 * which the API has no value stay empty; `FOCUS_COLUMNS` has the reasons.
 */
import { formatCsv, type CsvValue } from './csv.ts'
import { addDays, startOfDay } from './period.ts'
import type { Spend, SpendRow } from './read-spend.ts'

/** A column with its value, or the reason why it is always empty. */
export interface FocusColumn {
  readonly name: string
  readonly value?: (row: SpendRow, timeZone: string) => CsvValue
  /** Present when the column is always empty. */
  readonly why?: string
}

const PRICED_OTHERWISE =
  'the API sums prices of several kinds (input, output, cached tokens, seconds, images)'
const NO_INVOICE = 'credits are paid in advance; usage has no invoice'
const NO_COMMITMENT = 'there are no commitments'

/** All columns, in the order of the file: those of FOCUS by name, then ours (`x_`). */
export const FOCUS_COLUMNS: readonly FocusColumn[] = [
  { name: 'AvailabilityZone', why: 'the API has none' },
  { name: 'BilledCost', value: ({ usd }) => usd },
  { name: 'BillingAccountId', value: ({ account }) => account },
  { name: 'BillingAccountName', value: ({ account }) => account },
  { name: 'BillingCurrency', value: () => 'USD' },
  {
    name: 'BillingPeriodEnd',
    value: ({ day }) => `${monthOf(addDays(monthOf(day), 31))}T00:00:00Z`,
  },
  { name: 'BillingPeriodStart', value: ({ day }) => `${monthOf(day)}T00:00:00Z` },
  { name: 'CapacityReservationId', why: 'there are no reservations' },
  { name: 'CapacityReservationStatus', why: 'there are no reservations' },
  { name: 'ChargeCategory', value: () => 'Usage' },
  { name: 'ChargeClass', why: 'empty for everything that corrects nothing' },
  { name: 'ChargeDescription', value: ({ model }) => `Use of ${model}` },
  { name: 'ChargeFrequency', value: () => 'Usage-Based' },
  { name: 'ChargePeriodEnd', value: ({ day }, timeZone) => instantOf(addDays(day, 1), timeZone) },
  { name: 'ChargePeriodStart', value: ({ day }, timeZone) => instantOf(day, timeZone) },
  { name: 'CommitmentDiscountCategory', why: NO_COMMITMENT },
  { name: 'CommitmentDiscountId', why: NO_COMMITMENT },
  { name: 'CommitmentDiscountName', why: NO_COMMITMENT },
  { name: 'CommitmentDiscountQuantity', why: NO_COMMITMENT },
  { name: 'CommitmentDiscountStatus', why: NO_COMMITMENT },
  { name: 'CommitmentDiscountType', why: NO_COMMITMENT },
  { name: 'CommitmentDiscountUnit', why: NO_COMMITMENT },
  { name: 'ConsumedQuantity', value: (row) => tokensOf(row) },
  { name: 'ConsumedUnit', value: (row) => (tokensOf(row) === undefined ? undefined : 'Tokens') },
  // The API has the charged cost only, not the cost before a discount: all costs are the charged one.
  { name: 'ContractedCost', value: ({ usd }) => usd },
  { name: 'ContractedUnitPrice', why: PRICED_OTHERWISE },
  { name: 'EffectiveCost', value: ({ usd }) => usd },
  { name: 'InvoiceId', why: NO_INVOICE },
  { name: 'InvoiceIssuerName', value: () => PROVIDER_NAME },
  { name: 'ListCost', value: ({ usd }) => usd },
  { name: 'ListUnitPrice', why: PRICED_OTHERWISE },
  { name: 'PricingCategory', value: () => 'Standard' },
  { name: 'PricingCurrency', value: () => 'USD' },
  { name: 'PricingCurrencyContractedUnitPrice', why: PRICED_OTHERWISE },
  { name: 'PricingCurrencyEffectiveCost', value: ({ usd }) => usd },
  { name: 'PricingCurrencyListUnitPrice', why: PRICED_OTHERWISE },
  { name: 'PricingQuantity', why: PRICED_OTHERWISE },
  { name: 'PricingUnit', why: PRICED_OTHERWISE },
  { name: 'ProviderName', value: () => PROVIDER_NAME },
  {
    name: 'PublisherName',
    value: ({ model }) => (model.includes('/') ? model.split('/')[0] : PROVIDER_NAME),
  },
  { name: 'RegionId', why: 'the API has none' },
  { name: 'RegionName', why: 'the API has none' },
  { name: 'ResourceId', value: ({ model }) => model },
  { name: 'ResourceName', value: ({ model }) => model },
  { name: 'ResourceType', value: () => 'Model' },
  { name: 'ServiceCategory', value: () => 'AI and Machine Learning' },
  { name: 'ServiceName', value: () => PROVIDER_NAME },
  { name: 'ServiceSubcategory', value: () => 'Generative AI' },
  { name: 'SkuId', value: ({ model }) => model },
  { name: 'SkuMeter', why: PRICED_OTHERWISE },
  { name: 'SkuPriceDetails', why: PRICED_OTHERWISE },
  { name: 'SkuPriceId', why: PRICED_OTHERWISE },
  { name: 'SubAccountId', value: ({ keyPrefix }) => keyPrefix },
  { name: 'SubAccountName', value: ({ keyName }) => keyName },
  { name: 'SubAccountType', value: () => 'API key' },
  { name: 'Tags', why: 'spend tags are known to the services that set them, not to the API' },
  { name: 'x_FailedRequests', value: ({ failed }) => failed },
  { name: 'x_InputTokens', value: ({ inputTokens }) => inputTokens },
  { name: 'x_OutputTokens', value: ({ outputTokens }) => outputTokens },
  { name: 'x_SucceededRequests', value: ({ succeeded }) => succeeded },
]

const PROVIDER_NAME = 'AI/ML API'

/** The report as FOCUS CSV, ordered by day, then by cost. */
export function formatFocus({ rows, period: { timeZone } }: Spend): string {
  const ordered = rows.toSorted((a, b) => (a.day < b.day ? -1 : Number(a.day > b.day)) || b.usd - a.usd)
  return formatCsv(
    FOCUS_COLUMNS.map(({ name }) => name),
    ordered.map((row) => FOCUS_COLUMNS.map(({ value }) => value?.(row, timeZone))),
  )
}

function monthOf(day: string): string {
  return `${day.slice(0, 8)}01`
}

function instantOf(day: string, timeZone: string): string {
  return new Date(startOfDay(day, timeZone)).toISOString().replace('.000Z', 'Z')
}

/** All tokens of a row; `undefined` for models that are not billed by tokens. */
function tokensOf({ inputTokens, outputTokens }: SpendRow): number | undefined {
  const tokens = inputTokens + outputTokens
  return tokens === 0 ? undefined : tokens
}
