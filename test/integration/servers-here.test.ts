import { expect, test } from 'vitest'

import { newerPrograms } from '../../docker/mixin/servers/newer-programs.ts'
import { isInstalled } from '../../docker/mixin/servers/server-process.ts'

const SYSTEM = ['prometheus', 'promtool', 'prometheus-alertmanager', 'amtool', 'docker-compose']
const NEWER = [
  'prometheus',
  'promtool',
  'prometheus-alertmanager',
  'victoria-metrics',
  'vmalert',
  'vmalert-tool',
] as const

// Elsewhere the tests that need them are left out, each with a line that says so.
test.runIf(process.env['CI'])('every server that tests need is here', () => {
  expect(SYSTEM.filter((command) => !isInstalled(command))).toEqual([])
  expect(NEWER.filter((program) => newerPrograms(program) === undefined)).toEqual([])
})
