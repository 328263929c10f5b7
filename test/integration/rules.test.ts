import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'

import { alerts } from '../../docker/mixin/alerts/index.ts'
import { dashboards } from '../../docker/mixin/dashboards/index.ts'
import { newerPrograms } from '../../docker/mixin/servers/newer-programs.ts'
import { isInstalled } from '../../docker/mixin/servers/server-process.ts'

const run = promisify(execFile)
const docker = fileURLToPath(new URL('../../docker', import.meta.url))
const filesIn = (folder: string) =>
  readdirSync(join(docker, folder)).map((name) => join(docker, folder, name))

const here = isInstalled('promtool')
if (!here) console.warn('promtool is not installed (Debian package prometheus): the rules are not tested')

/** Every promtool that is here: of Prometheus 2 and 3. */
const promtools = ['promtool', newerPrograms('promtool')].filter((path) => path !== undefined)
if (here && promtools.length < 2)
  console.warn(
    'promtool 3 is not there (scripts/servers/fetch.sh): the rules are tested under promtool 2 alone',
  )

describe.skipIf(!here)('the rules', () => {
  test('are accepted by promtool', async () => {
    const { stdout } = await run('promtool', ['check', 'rules', ...filesIn('prometheus/rules')])
    expect(stdout.match(/SUCCESS/g)).toHaveLength(filesIn('prometheus/rules').length)
  })

  test.each(
    readdirSync(join(docker, 'prometheus/tests')).flatMap((name) =>
      promtools.map((promtool, index) => [name, ['2', '3'][index], promtool] as const),
    ),
  )(
    'pass the tests of %s under promtool %s',
    async (name, _, promtool) => {
      const { stdout } = await run(promtool, ['test', 'rules', join(docker, 'prometheus/tests', name)])
      expect(stdout).toContain('SUCCESS')
    },
    900_000,
  )

  test('fail the tests of the balance when the alert compares the other way round', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aimlapi-rules-'))
    try {
      for (const file of filesIn('prometheus/rules')) {
        const text = readFileSync(file, 'utf8').replace(
          'estimate < aimlapi_account:balance_threshold',
          'estimate > aimlapi_account:balance_threshold',
        )
        writeFileSync(join(folder, file.split('/').at(-1) ?? ''), text)
      }
      const tests = parse(readFileSync(join(docker, 'prometheus/tests/balance.test.yml'), 'utf8'))
      const first = { ...tests, rule_files: [`${folder}/*.yml`], tests: tests.tests.slice(0, 1) }
      writeFileSync(join(folder, 'first.yaml'), stringify(first))
      await expect(run('promtool', ['test', 'rules', join(folder, 'first.yaml')])).rejects.toThrow(
        'AimlapiBalanceLow',
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('and the configuration beside them are accepted together', async () => {
    const { stdout } = await run('promtool', ['check', 'config', join(docker, 'prometheus/prometheus.yml')])
    expect(stdout).toContain('SUCCESS: 5 rule files found')
  })

  test('have runbook checks and panels that Prometheus can parse', async () => {
    const panels = dashboards.flatMap(({ rows }) =>
      rows.flatMap((row) => row.panels.flatMap(({ queries }) => queries.map(({ expr }) => expr))),
    )
    const checks = alerts.flatMap(({ runbook }) => runbook.checks.map(({ query }) => query))
    const rules = [...checks, ...panels].map((expr, index) => ({
      record: `query:${index}`,
      expr: expr
        .replaceAll(/\$__(range_s|interval_ms)/g, '300')
        .replaceAll(/\$__(rate_interval|range|interval)/g, '5m')
        .replaceAll(/\$tag\b/g, 'aimlapi_tag_team'),
    }))
    const folder = mkdtempSync(join(tmpdir(), 'aimlapi-queries-'))
    try {
      writeFileSync(join(folder, 'queries.yml'), stringify({ groups: [{ name: 'queries', rules }] }))
      const { stdout } = await run('promtool', ['check', 'rules', join(folder, 'queries.yml')])
      expect(stdout).toContain(`SUCCESS: ${rules.length} rules found`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
