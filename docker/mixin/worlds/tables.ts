/** The tables of docs/spend-truth.md: a row for each world, and where the rows stand. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { alerts } from '../alerts/index.ts'
import { type AlertWorld, disasterWorlds, ordinaryWorlds } from './alert-worlds.ts'
import { DEFAULT_EVALUATION_S, type PlayedAlerts, playAlerts } from './alerts.ts'
import { countWorld } from './counting.ts'
import { type FigureWorld, figureWorlds, playFigure } from './figures.ts'
import { promtools } from './promtool.ts'
import type { World } from './world.ts'
import { worlds } from './worlds.ts'

const PAGE = fileURLToPath(new URL('../../../docs/spend-truth.md', import.meta.url))
const columns = ['Prometheus 2.42', 'Prometheus 3.5']

/** A world that was played under every promtool that is here. */
export interface Row {
  /** As the table has it; a column is empty where its promtool is not here. */
  readonly text: string
  /** What is wrong, one sentence each; nothing when all is well. */
  readonly faults: readonly string[]
}

export interface Table {
  /** Of its markers in the page. */
  readonly marker: string
  readonly head: readonly [titles: string, line: string]
  readonly names: readonly string[]
  readonly play: (name: string) => Promise<Row>
}

async function underEach<T>(play: (command: string) => Promise<T>): Promise<Array<T | undefined>> {
  const results = await Promise.all(
    promtools.map(async ({ column, command }) => [column, await play(command)] as const),
  )
  const byColumn = new Map(results)
  return columns.map((column) => byColumn.get(column))
}

const rowOf = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
const percent = (value: number | undefined) =>
  value === undefined ? '' : `${value > 0 ? '+' : ''}${value.toFixed(2)}`.replace(/^[+-]0\.00$/, '0.00')

/** A counted figure may be so far from what scrapes and pushes showed. */
const COUNTED_PERCENT = 1

async function countingRow(world: World): Promise<Row> {
  const results = await underEach((command) => countWorld(command, world))
  const first = results.find((one) => one !== undefined)
  if (first === undefined) throw new Error('no promtool is here')
  const errors = results.map((one) => one?.errorPercent)
  return {
    text: rowOf([
      world.name,
      first.spentUsd.toFixed(2),
      percent(first.unseenPercent),
      ...errors.map(percent),
    ]),
    faults: errors
      .filter((error) => error !== undefined && !(Math.abs(error - first.unseenPercent) < COUNTED_PERCENT))
      .map(
        (error) =>
          `${error} % is over ${COUNTED_PERCENT} % from the ${first.unseenPercent} % that nothing showed`,
      ),
  }
}

/** The worst that a figure may be off; of a range, from its nearer end. */
const FIGURE_PERCENT = 1

async function figureRow(world: FigureWorld): Promise<Row> {
  const results = await underEach((command) => playFigure(command, world))
  const truth = results.find((one) => one !== undefined)?.trueUsd ?? Number.NaN
  const offPercent = (shown: readonly number[]) => {
    const [low = Number.NaN, high = low] = shown
    const nearest = Math.min(Math.max(truth, low), high)
    return (nearest / truth - 1) * 100
  }
  const words = (shown: readonly number[] | undefined) =>
    shown === undefined ? '' : shown.map((usd) => usd.toFixed(2)).join(' to ')
  const answered = results.flatMap((one) => (one === undefined ? [] : [one.shownUsd]))
  const [first = []] = answered
  return {
    text: rowOf([
      world.name,
      truth.toFixed(2),
      ...results.map((one) => words(one?.shownUsd)),
      percent(offPercent(first)),
    ]),
    faults: answered
      .map(offPercent)
      .filter((off) => !(Math.abs(off) < FIGURE_PERCENT))
      .map((off) => `${off} % off`),
  }
}

const pages = new Set(alerts.filter(({ severity }) => severity === 'critical').map(({ name }) => name))

/** What fired in a world against what must, and may. */
export function faultsOf({ world, fired, early, atEnd }: PlayedAlerts): string[] {
  const must = Object.entries(world.fires ?? {})
  const may = new Set([...must.map(([name]) => name), ...(world.mayFire ?? [])])
  return [
    ...must
      .filter(([name, minutes]) => !((fired[name] ?? Number.NaN) <= minutes))
      .map(([name, minutes]) => `${name} must fire within ${minutes} minutes: ${fired[name] ?? 'never'}`),
    ...Object.keys(fired)
      .filter((name) => !may.has(name))
      .map((name) => `${name} fires`),
    ...early.map((name) => `${name} fires before anything happened`),
    ...(world.lasts ?? []).filter((name) => !atEnd.includes(name)).map((name) => `${name} does not last`),
  ]
}

/** At the border of a range the two may fire one evaluation apart; the later one is told. */
async function alertRow(world: AlertWorld): Promise<Row> {
  const results = (await underEach((command) => playAlerts(command, world))).filter(
    (one) => one !== undefined,
  )
  const names = [...new Set(results.flatMap(({ fired }) => Object.keys(fired)))]
  const everyM = (world.evaluationS ?? DEFAULT_EVALUATION_S) / 60
  const latest = names.map((name) => {
    const times = results.map(({ fired }) => fired[name] ?? Number.NaN)
    return { name, after: Math.max(...times), agree: Math.max(...times) - Math.min(...times) <= everyM }
  })
  return {
    text: alertText(
      world,
      latest.map(({ name, after }) => [name, after]),
    ),
    faults: [
      ...results.flatMap(faultsOf),
      ...latest.filter(({ agree }) => !agree).map(({ name }) => `the promtools disagree on ${name}`),
    ],
  }
}

function alertText(world: AlertWorld, fired: ReadonlyArray<readonly [name: string, afterM: number]>): string {
  const list = (page: boolean) => {
    const names = fired
      .filter(([name]) => pages.has(name) === page)
      .toSorted(([, a], [, b]) => a - b)
      .map(([name, after]) =>
        world.eventHour === undefined
          ? name.replace('Aimlapi', '')
          : `${name.replace('Aimlapi', '')} after ${after} min`,
      )
    return names.length === 0 ? 'none' : names.join(', ')
  }
  return rowOf([world.name, list(true), list(false)])
}

function table<W extends { readonly name: string }>(
  marker: string,
  head: Table['head'],
  all: readonly W[],
  play: (world: W) => Promise<Row>,
): Table {
  return {
    marker,
    head,
    names: all.map(({ name }) => name),
    play: async (name) => {
      const world = all.find((one) => one.name === name)
      if (world === undefined) throw new Error(`no such world: ${name}`)
      return play(world)
    },
  }
}

const ALERT_HEAD = ['| World | Pages | Tickets |', '|---|---|---|'] as const

export const tables: readonly Table[] = [
  table(
    'counting',
    [`| World | Spent, $ | Never shown, % | ${columns.join(', % | ')}, % |`, '|---|--:|--:|--:|--:|'],
    worlds,
    countingRow,
  ),
  table(
    'figures',
    [`| Figure | True, $ | ${columns.join(', $ | ')}, $ | Off, % |`, '|---|--:|--:|--:|--:|'],
    figureWorlds,
    figureRow,
  ),
  table('ordinary', ALERT_HEAD, ordinaryWorlds, alertRow),
  table('disasters', ALERT_HEAD, disasterWorlds, alertRow),
]

const partOf = (marker: string) =>
  new RegExp(`(<!-- ${marker}:start -->\\n\\n?)[^]*?(\\n\\n?<!-- ${marker}:end -->)`)

/** The rows of a table as the page has them, by the name of their world. */
export function committedRows({ marker }: Table): Map<string, string> {
  const [part = ''] = partOf(marker).exec(readFileSync(PAGE, 'utf8')) ?? []
  const rows = part
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
  return new Map(rows.map((row) => [row.split(' | ')[0]?.slice(2) ?? '', row]))
}

/** @param rows By the name of their world; the others stay as they are. */
export function writeRows(one: Table, rows: ReadonlyMap<string, string>): void {
  const all = new Map([...committedRows(one), ...rows])
  const lines = one.names.map((name) => all.get(name)).filter((row) => row !== undefined)
  const text = readFileSync(PAGE, 'utf8')
  const content = [...one.head, ...lines].join('\n')
  writeFileSync(
    PAGE,
    text.replace(partOf(one.marker), (_, start: string, end: string) => start + content + end),
  )
}
