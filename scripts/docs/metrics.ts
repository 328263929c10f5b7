/** The tables of metrics, from the names that the instruments are made of. */
import { prometheusName } from '../../docker/mixin/names.ts'
import { DETAIL_NAMES, UNIT_NAMES } from '../../src/api/usage-dialects.ts'
import {
  ATTRIBUTE,
  GEN_AI_LATEST_METRICS,
  GEN_AI_METRICS,
  METRICS,
  type MetricDefinition,
} from '../../src/telemetry/names.ts'
import { code, codes, formatTable } from './table.ts'

/** The four attributes that every metric of a call has. */
const CALL_ATTRIBUTES: readonly string[] = [
  ATTRIBUTE.operation,
  ATTRIBUTE.requestModel,
  ATTRIBUTE.endpoint,
  ATTRIBUTE.account,
]
const CALL_WORD = 'call'

export function formatMetrics(): string {
  return formatTable(
    ['In Prometheus, in OpenTelemetry', 'What it says', 'Attributes'],
    Object.values(METRICS).map(formatRow),
  )
}

export function formatGenAiMetrics(): string {
  return formatTable(
    ['OpenTelemetry name and unit', 'Kind', 'Emitted'],
    [
      ...Object.values(GEN_AI_METRICS).map((metric) => [nameAndUnit(metric), metric.kind, 'by default']),
      ...Object.values(GEN_AI_LATEST_METRICS).map((metric) => [
        nameAndUnit(metric),
        metric.kind,
        'with `gen_ai_latest_experimental`',
      ]),
    ],
  )
}

/** What stands in labels whose values this package chooses. */
const LABEL_VALUES: readonly (readonly [attribute: string, values: string])[] = [
  [ATTRIBUTE.period, '`day`: today; `month`: this month'],
  [ATTRIBUTE.usageSource, '`response`: said by the answer; `ledger`: found in the account log later'],
  [ATTRIBUTE.tokenType, '`input`, `output`'],
  [ATTRIBUTE.tokenDetail, codes(DETAIL_NAMES)],
  [ATTRIBUTE.unit, codes(UNIT_NAMES)],
  [
    ATTRIBUTE.account,
    'the name of the account: `default`, or the names in `AIMLAPI_ACCOUNTS`; `other`: the key of the call is not configured',
  ],
  [ATTRIBUTE.key, 'the first 8 characters of a key'],
  [ATTRIBUTE.outcome, '`succeeded`, `failed`'],
  [ATTRIBUTE.endpoint, '[each endpoint](endpoints.md)'],
  [ATTRIBUTE.errorType, '[each value](spans.md#errortype)'],
  ['reason', '[each reason](counting.md#missing-each-reason-and-what-to-do)'],
  ['retention', '[each value](account.md#limits-of-keys)'],
]

export function formatLabelValues(): string {
  return formatTable(
    ['Attribute', 'Values'],
    LABEL_VALUES.map(([attribute, values]) => [code(attribute), values]),
  )
}

function formatRow(metric: MetricDefinition): string[] {
  const { kind, attributes, description } = metric
  return [
    `${code(prometheusName(metric))}<br>${nameAndUnit(metric)}, ${kind}`,
    description,
    formatAttributes(attributes),
  ]
}

function nameAndUnit({ name, unit }: MetricDefinition): string {
  return unit === '' ? code(name) : `${code(name)} ${code(unit)}`
}

function formatAttributes(attributes: readonly string[]): string {
  if (!CALL_ATTRIBUTES.every((name) => attributes.includes(name))) return codes(attributes)
  const rest = attributes.filter((name) => !CALL_ATTRIBUTES.includes(name))
  return rest.length === 0 ? CALL_WORD : `${CALL_WORD}, ${codes(rest)}`
}
