import { describe, expect, test } from 'vitest'

import { isInstalled } from '../../docker/mixin/servers/server-process.ts'
import { newerPrograms } from '../../docker/mixin/servers/newer-programs.ts'
import { faultsOf } from '../../docker/mixin/worlds/alert-table.ts'
import { alertWorlds } from '../../docker/mixin/worlds/alert-worlds.ts'
import { playAlerts } from '../../docker/mixin/worlds/alerts.ts'
import { countWorld } from '../../docker/mixin/worlds/counting.ts'
import { worlds } from '../../docker/mixin/worlds/worlds.ts'

const here = isInstalled('promtool')
if (!here) console.warn('promtool is not installed: no world is played')

/** Every world has two; the longest are left to `npm run rules:worlds`. */
const MAX_HOURS = 8
const MAX_PROCESSES = 60
const MAX_DAYS = 3
const TIMEOUT_MS = 300_000
const VMALERT_TOOL = newerPrograms('vmalert-tool')
const tools = ['promtool', newerPrograms('promtool'), VMALERT_TOOL].filter((path) => path !== undefined)
/** vmalert-tool takes a minute for two days. */
const MAX_VMALERT_DAYS = 0.5

describe.skipIf(!here)('counted spend, as far as scrapes and pushes showed it', () => {
  const bounded = worlds.filter(({ hours, runs }) => hours <= MAX_HOURS && runs.length <= MAX_PROCESSES)

  test.each(bounded.map((world, index) => [world.name, world, tools[index % tools.length]] as const))(
    'is right within 1 %%: %s',
    async (_, world, tool = 'promtool') => {
      const { errorPercent, unseenPercent } = await countWorld(tool, world)
      const off = Math.abs(errorPercent - unseenPercent)
      expect(off).toBeLessThan(world.knownError?.percent ?? 1)
    },
    TIMEOUT_MS,
  )
})

describe.skipIf(!here)('alerts', () => {
  test.each(alertWorlds.filter(({ days }) => days <= MAX_DAYS).map((world) => [world.name, world] as const))(
    'wake whom they should: %s',
    async (_, world) => {
      const tool = world.days <= MAX_VMALERT_DAYS ? VMALERT_TOOL : undefined
      expect(faultsOf(await playAlerts(tool ?? 'promtool', world))).toEqual([])
    },
    TIMEOUT_MS,
  )
})
