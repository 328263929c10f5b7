/** Prometheus spellings of the library's metrics and attributes, derived from its own table of names. */
import {
  ATTRIBUTE,
  GEN_AI_LATEST_METRICS,
  GEN_AI_METRICS,
  METRICS,
  type MetricDefinition,
  OVERFLOW_VALUE,
  TAG_PREFIX,
  prometheusLabel,
} from '../../src/telemetry/names.ts'

export { OVERFLOW_VALUE }

/** 1 USD; https://docs.aimlapi.com (billing). */
export const CREDITS_PER_USD = 2_000_000

type Spelling<T> = { readonly [K in keyof T]: string }

function spell<T extends Record<string, V>, V>(table: T, spelling: (value: V) => string): Spelling<T> {
  return Object.fromEntries(
    Object.entries(table).map(([key, value]) => [key, spelling(value)]),
  ) as Spelling<T>
}

/** The series name that `@opentelemetry/exporter-prometheus` gives a metric (a histogram's without `_bucket`). */
export function prometheusName(metric: MetricDefinition): string {
  const base = prometheusLabel(metric.name)
  return metric.kind === 'counter' ? `${base}_total` : base
}

/** Label names: `label.account` is `aimlapi_account`. */
export const label = spell(ATTRIBUTE, prometheusLabel)

/** Series names of the library's own metrics: `metric.requests` is `aimlapi_requests_total`. */
export const metric = spell<typeof METRICS, MetricDefinition>(METRICS, prometheusName)

/** The label of a spend tag: `aimlapi_tag_team`. */
export function tagLabel(tag: string): string {
  return prometheusLabel(TAG_PREFIX + tag)
}

/** The OTLP → Prometheus translation appends the unit to the name; the Prometheus exporter does not. */
const UNIT_SUFFIX: Readonly<Record<string, string>> = { s: '_seconds' }

/** A GenAI histogram in every spelling that reaches Prometheus: two generations by two paths. */
function spellings(...generations: MetricDefinition[]): string[] {
  const names = generations.flatMap((definition) => {
    const name = prometheusName(definition)
    return [name, `${name}${UNIT_SUFFIX[definition.unit] ?? ''}`]
  })
  return [...new Set(names)]
}

/** Series names without `_bucket`, `_sum` and `_count`. */
export const genAiSpellings = {
  duration: spellings(GEN_AI_METRICS.operationDuration, GEN_AI_LATEST_METRICS.inferenceDuration),
  timeToFirstChunk: spellings(GEN_AI_METRICS.timeToFirstChunk, GEN_AI_LATEST_METRICS.timeToFirstChunk),
  timePerOutputChunk: spellings(GEN_AI_METRICS.timePerOutputChunk, GEN_AI_LATEST_METRICS.timePerOutputChunk),
} as const

/** Set by the OpenTelemetry SDK on the one series that collects what exceeds its limit of 2,000 per metric. */
export const SDK_OVERFLOW_LABEL = prometheusLabel('otel.metric.overflow')
