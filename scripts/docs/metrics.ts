/** The tables of metrics, from the names that the instruments are made of. */
import {
  ATTRIBUTE,
  GEN_AI_LATEST_METRICS,
  GEN_AI_METRICS,
  METRICS,
  prometheusName,
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
