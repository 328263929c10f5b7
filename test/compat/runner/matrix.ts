/** Prints what came of every cell: one table each, then the findings. */
export interface Verdict {
  readonly table: string
  readonly row: string
  readonly column: string
  readonly findings: readonly string[]
}

const NOT_TRIED = '–'

const distinct = (values: readonly string[]): string[] => [...new Set(values)]

function printTable(table: string, verdicts: readonly Verdict[], order: readonly string[]): void {
  const columns = distinct(verdicts.map(({ column }) => column)).sort()
  const rows = distinct([...order, ...verdicts.map(({ row }) => row).sort()]).filter((row) =>
    verdicts.some((verdict) => verdict.row === row),
  )
  const width = Math.max(table.length, ...rows.map(({ length }) => length))
  const line = (first: string, cells: readonly string[]): string =>
    [first.padEnd(width), ...cells.map((cell, index) => cell.padEnd(columns[index]?.length ?? 0))].join(' | ')
  console.log(`\n${line(table, columns)}`)
  for (const row of rows) {
    const cells = columns.map((column) => {
      const verdict = verdicts.find((candidate) => candidate.row === row && candidate.column === column)
      if (verdict === undefined) return NOT_TRIED
      return verdict.findings.length === 0 ? 'ok' : 'FAILED'
    })
    console.log(line(row, cells))
  }
}

/** @param order rows in the order in which they are to stand; others follow by name. */
export function printMatrix(verdicts: readonly Verdict[], order: readonly string[]): void {
  for (const table of distinct(verdicts.map((verdict) => verdict.table)))
    printTable(
      table,
      verdicts.filter((verdict) => verdict.table === table),
      order,
    )
  console.log('')
  for (const { table, row, column, findings } of verdicts) {
    if (findings.length === 0) continue
    console.log(`FAILED ${table}: ${row} (${column})`)
    for (const finding of findings) console.log(`  ${finding}`)
  }
}
