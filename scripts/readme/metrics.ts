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

/** Stands for the four attributes that every metric of a call has. */
const CALL_ATTRIBUTES: readonly string[] = [
  ATTRIBUTE.operation,
  ATTRIBUTE.requestModel,
  ATTRIBUTE.endpoint,
  ATTRIBUTE.account,
]
const CALL_LETTER = '**C**'

export function formatMetrics(): string {
  return formatTable(
    ['In Prometheus', 'OpenTelemetry name and unit', 'Kind', 'Attributes', 'What it says'],
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
  return [code(prometheusName(metric)), nameAndUnit(metric), kind, formatAttributes(attributes), description]
}

function nameAndUnit({ name, unit }: MetricDefinition): string {
  return unit === '' ? code(name) : `${code(name)} ${code(unit)}`
}

function formatAttributes(attributes: readonly string[]): string {
  if (!CALL_ATTRIBUTES.every((name) => attributes.includes(name))) return codes(attributes)
  const rest = attributes.filter((name) => !CALL_ATTRIBUTES.includes(name))
  return rest.length === 0 ? CALL_LETTER : `${CALL_LETTER}, ${codes(rest)}`
}
