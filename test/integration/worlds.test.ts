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
const promtools = ['promtool', newerPrograms('promtool')].filter((path) => path !== undefined)

describe.skipIf(!here)('counted spend, as far as scrapes and pushes showed it', () => {
  const bounded = worlds.filter(({ hours, runs }) => hours <= MAX_HOURS && runs.length <= MAX_PROCESSES)

  test.each(bounded.map((world, index) => [world.name, world, promtools[index % promtools.length]] as const))(
    'is right within 1 %%: %s',
    async (_, world, promtool = 'promtool') => {
      const { errorPercent, unseenPercent } = await countWorld(promtool, world)
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
      expect(faultsOf(await playAlerts('promtool', world))).toEqual([])
    },
    TIMEOUT_MS,
  )
})
