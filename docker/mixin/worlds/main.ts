/**
 * `npm run rules:worlds [-- --only WORDS]`: plays every world under every promtool and vmalert-tool that is here and
 * writes the tables of docs/spend-truth.md. Takes some minutes.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { newerPrograms } from '../servers/newer-programs.ts'
import { alertTable } from './alert-table.ts'
import { alertWorlds } from './alert-worlds.ts'
import { countWorld } from './counting.ts'
import { playAlerts } from './alerts.ts'
import { worlds } from './worlds.ts'

const PAGE = fileURLToPath(new URL('../../../docs/spend-truth.md', import.meta.url))
const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } })
const chosen = <T extends { readonly name: string }>(all: readonly T[]) =>
  all.filter(({ name }) => name.includes(values.only))
const tools = [
  { server: 'Prometheus 2.42', command: 'promtool' },
  { server: 'Prometheus 3.5', command: newerPrograms('promtool') },
  { server: 'VictoriaMetrics 1.145', command: newerPrograms('vmalert-tool') },
].flatMap(({ server, command }) => (command === undefined ? [] : [{ server, command }]))

const percent = (value: number) => `${value > 0 ? '+' : ''}${value.toFixed(2)}`.replace(/^[+-]0\.00$/, '0.00')

async function countingTable(): Promise<string> {
  const rows: string[] = []
  for (const world of chosen(worlds)) {
    const results = await Promise.all(tools.map(({ command }) => countWorld(command, world)))
    const [first] = results
    if (first === undefined) continue
    const errors = results.map(({ errorPercent }) => percent(errorPercent))
    rows.push(
      `| ${world.name} | ${first.spentUsd.toFixed(2)} | ${percent(first.unseenPercent)} | ${errors.join(' | ')} |`,
    )
    console.log(rows.at(-1))
  }
  return [
    `| World | Spent, $ | Never shown, % | ${tools.map(({ server }) => `${server}, %`).join(' | ')} |`,
    `|---|--:|--:|${tools.map(() => '--:').join('|')}|`,
    ...rows,
  ].join('\n')
}

async function alertsTable(): Promise<string> {
  const played = []
  for (const world of chosen(alertWorlds)) {
    const one = await playAlerts(newerPrograms('promtool') ?? 'promtool', world)
    played.push(one)
    console.log(world.name, JSON.stringify(one.fired))
  }
  return alertTable(played)
}

function write(marker: string, table: string): void {
  const text = readFileSync(PAGE, 'utf8')
  const pattern = new RegExp(`(<!-- ${marker}:start -->\\n)[^]*(\\n<!-- ${marker}:end -->)`)
  writeFileSync(
    PAGE,
    text.replace(pattern, (_, start: string, end: string) => start + table + end),
  )
}

const counting = await countingTable()
const alerts = await alertsTable()
if (values.only === '') {
  write('counting', counting)
  write('alerts', alerts)
}
