/** Comma separated values (RFC 4180). */

export type CsvValue = string | number | undefined

/** Lines end in CRLF; an absent value is an empty field. */
export function formatCsv(columns: readonly string[], rows: readonly (readonly CsvValue[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(formatField).join(',')}\r\n`).join('')
}

function formatField(value: CsvValue): string {
  if (typeof value === 'number') return formatNumber(value)
  const text = value ?? ''
  // A spreadsheet takes text that begins like this for a formula.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** No exponent, and no noise of binary fractions behind the nano-dollar. */
function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(9).replace(/\.?0+$/, '')
}
