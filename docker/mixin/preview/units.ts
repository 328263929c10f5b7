/** Numbers as Grafana writes them, for the units that the dashboards use. */
import type { Unit } from '../dashboards/panel.ts'

const SHORT: ReadonlyArray<readonly [from: number, suffix: string]> = [
  [1e9, ' Bil'],
  [1e6, ' Mil'],
  [1e3, ' K'],
]

function fixed(value: number, decimals: number | undefined): string {
  if (decimals !== undefined) return value.toFixed(decimals)
  const size = Math.abs(value)
  if (size === 0 || Number.isInteger(value)) return String(value)
  return String(Number(size >= 100 ? value.toFixed(0) : value.toPrecision(3)))
}

function short(value: number, decimals?: number): string {
  const [from, suffix] = SHORT.find(([least]) => Math.abs(value) >= least) ?? [1, '']
  return `${fixed(value / from, from === 1 ? decimals : (decimals ?? 1) || 1)}${suffix}`
}

function seconds(value: number, decimals?: number): string {
  if (Math.abs(value) >= 3600) return `${fixed(value / 3600, decimals)} h`
  if (Math.abs(value) >= 60) return `${fixed(value / 60, decimals)} min`
  return Math.abs(value) < 1 && value !== 0 ? `${fixed(value * 1000, 0)} ms` : `${fixed(value, decimals)} s`
}

const FORMATS: Readonly<Record<Unit, (value: number, decimals?: number) => string>> = {
  currencyUSD: (value, decimals) =>
    value < 0 ? `-$${short(-value, decimals)}` : `$${short(value, decimals)}`,
  percentunit: (value, decimals) => `${fixed(value * 100, decimals)}%`,
  short,
  reqps: (value, decimals) => `${short(value, decimals)} req/s`,
  s: seconds,
  d: (value, decimals) => `${value.toFixed(decimals ?? 0)} days`,
  h: (value, decimals) => seconds(value * 3600, decimals),
  bool_on_off: (value) => (value === 0 ? 'Off' : 'On'),
  none: fixed,
}

export function formatValue(value: number, unit: Unit, decimals?: number): string {
  return Number.isFinite(value) ? FORMATS[unit](value, decimals) : String(value)
}
