/** Formats comma separated values (RFC 4180). */

/** One field; `undefined` is an empty field. */
export type CsvValue = string | number | undefined

/** Formats a heading and rows. Lines end in CRLF. */
export function formatCsv(columns: readonly string[], rows: readonly (readonly CsvValue[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(formatField).join(',')}\r\n`).join('')
}

function formatField(value: CsvValue): string {
  if (typeof value === 'number') return formatNumber(value)
  const text = value ?? ''
  // A spreadsheet would read text that begins like this as a formula.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Without exponent, rounded to 9 decimals: the API counts in nano-dollars. */
function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(9).replace(/\.?0+$/, '')
}
