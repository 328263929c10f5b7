/**
 * Names of OTLP metrics as Prometheus' OTLP receiver and the Collector's prometheusremotewrite exporter give them
 * (strategy UnderscoreEscapingWithSuffixes of prometheus/otlptranslator). Pure, and independent of the library's names.
 */
import type { Attributes, Point } from './receiver.ts'

/** Of UCUM; the translator knows some more. An unknown unit is taken as it is written. */
const UNITS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  '1': '',
  '%': 'percent',
}
const PER_UNITS: Readonly<Record<string, string>> = { s: 'second', m: 'minute', h: 'hour', d: 'day' }

/** Words of a name: everything but letters, digits and colons separates. */
const words = (text: string) => text.split(/[^A-Za-z0-9:]+/).filter((word) => word !== '')

/** Annotations in braces are no unit. */
const withoutBraces = (unit: string) => (/[{}]/.test(unit) ? '' : unit.trim())

export function metricName(name: string, unit: string, kind: Point['kind']): string {
  let tokens = words(name)
  const [main = '', per = ''] = unit.split('/', 2).map(withoutBraces)
  const mainWords = words(UNITS[main] ?? main)
  if (mainWords.length > 0 && !tokens.includes(mainWords.join('_'))) tokens.push(...mainWords)
  const perWord = per && (PER_UNITS[per] ?? per)
  if (perWord && !tokens.includes(perWord)) tokens.push('per', perWord)
  if (kind === 'counter') tokens = [...tokens.filter((word) => word !== 'total'), 'total']
  if (kind === 'gauge' && unit === '1') tokens = [...tokens.filter((word) => word !== 'ratio'), 'ratio']
  const joined = tokens.join('_')
  return /^\d/.test(joined) ? `_${joined}` : joined
}

export function labelName(attribute: string): string {
  const name = attribute.replaceAll(/[^A-Za-z0-9_]/g, '_')
  return /^\d/.test(name) ? `key_${name}` : name
}

/** `job` and `instance` from the resource, as both ways set them. */
export function targetLabels(resource: Attributes): Record<string, string> {
  const {
    'service.name': name = '',
    'service.namespace': namespace,
    'service.instance.id': instance,
  } = resource
  return {
    job: namespace ? `${namespace}/${name}` : name,
    ...(instance && { instance }),
  }
}

/** The series of a point: names with labels, without values. */
export function seriesOf(point: Point): Array<{ readonly name: string; readonly labels: Attributes }> {
  const name = metricName(point.name, point.unit, point.kind)
  const labels = Object.fromEntries(
    Object.entries(point.attributes).map(([attribute, value]) => [labelName(attribute), value]),
  )
  if (point.kind !== 'histogram') return [{ name, labels }]
  const buckets = [...point.bounds.map(String), '+Inf'].map((le) => ({
    name: `${name}_bucket`,
    labels: { ...labels, le },
  }))
  return [...buckets, { name: `${name}_sum`, labels }, { name: `${name}_count`, labels }]
}
