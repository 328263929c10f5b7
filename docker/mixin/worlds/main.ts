/**
 * `npm run rules:worlds [-- --table MARKER --only WORDS]`: plays every world (or those of a table, those whose name has
 * the words) under both promtools, and writes the tables of docs/spend-truth.md. Takes some minutes. Ends with 1 where a world is not as it must be.
 */
import { parseArgs } from 'node:util'

import { promtools } from './promtool.ts'
import { tables, writeRows } from './tables.ts'

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, table: { type: 'string', default: '' } },
})
if (promtools.length < 2) throw new Error('Both promtools are needed: run scripts/servers/fetch.sh first')

for (const table of tables.filter(({ marker }) => marker.includes(values.table))) {
  const rows = new Map<string, string>()
  for (const name of table.names.filter((one) => one.includes(values.only))) {
    const { text, faults } = await table.play(name)
    console.log([text, ...faults].join('\n  '))
    if (faults.length > 0) process.exitCode = 1
    rows.set(name, text)
    // At once: an interrupted run keeps what it has.
    writeRows(table, rows)
  }
}
