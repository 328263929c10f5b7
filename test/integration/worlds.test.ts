import { describe, expect, test } from 'vitest'

import { isInstalled } from '../../docker/mixin/servers/server-process.ts'
import { randomWorld } from '../../docker/mixin/worlds/random-worlds.ts'
import { worlds } from '../../docker/mixin/worlds/worlds.ts'
import { promtools } from '../../docker/mixin/worlds/promtool.ts'
import { newerPrograms } from '../../docker/mixin/servers/newer-programs.ts'
import { disasterWorlds } from '../../docker/mixin/worlds/alert-worlds.ts'
import { playAlerts } from '../../docker/mixin/worlds/alerts.ts'
import { countWorld } from '../../docker/mixin/worlds/counting.ts'
import { committedRows, faultsOf, tables } from '../../docker/mixin/worlds/tables.ts'

const here = isInstalled('promtool')
if (!here) console.warn('promtool is not installed: no world is played')
const TIMEOUT_MS = 600_000

describe.each(tables.map((table) => [table.marker, table] as const))('the table %s', (_, table) => {
  const committed = committedRows(table)

  test('of docs/spend-truth.md has a row for every world, in their order', () => {
    expect([...committed.keys()]).toEqual(table.names)
  })

  test.skipIf(!here).each(table.names)(
    'shows what is played, and all is well: %s',
    async (name) => {
      const { text, faults } = await table.play(name)
      expect(faults).toEqual([])
      // Where one promtool is missing its column is empty.
      expect(promtools.length < 2 ? text : committed.get(name)).toBe(text)
    },
    TIMEOUT_MS,
  )
})

test.skipIf(!here).each(Array.from({ length: 24 }, (_, index) => randomWorld(index + 1)))(
  'what scrapes and pushes showed is counted in the world $name',
  async (world) => {
    const { command } = promtools[world.runs.length % promtools.length] as { command: string }
    const { errorPercent, unseenPercent } = await countWorld(command, world)
    expect(Math.abs(errorPercent - unseenPercent)).toBeLessThan(1)
  },
  TIMEOUT_MS,
)

/** vmalert-tool takes a minute for two days, and longer where there are many series. */
const VMALERT_TOOL = newerPrograms('vmalert-tool')
const small = worlds.filter(({ hours, runs }, index) => index % 3 === 2 && hours <= 8 && runs.length <= 60)
const short = disasterWorlds.filter(({ days, runs }) => days <= 0.3 && runs === undefined)

describe.skipIf(VMALERT_TOOL === undefined)('VictoriaMetrics', () => {
  test.each(small.map((world) => [world.name, world] as const))(
    'counts the same: %s',
    async (_, world) => {
      const { errorPercent, unseenPercent } = await countWorld(VMALERT_TOOL ?? '', world)
      expect(Math.abs(errorPercent - unseenPercent)).toBeLessThan(1)
    },
    TIMEOUT_MS,
  )

  test.each(short.map((world) => [world.name, world] as const))(
    'wakes the same: %s',
    async (_, world) => {
      expect(faultsOf(await playAlerts(VMALERT_TOOL ?? '', world))).toEqual([])
    },
    TIMEOUT_MS,
  )
})
