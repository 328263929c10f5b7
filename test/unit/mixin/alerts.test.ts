import { describe, expect, test } from 'vitest'

import { anchorOf, runbookUrlOf } from '../../../docker/mixin/alerts/alert.ts'
import { alerts } from '../../../docker/mixin/alerts/index.ts'
import { artefacts } from '../../../docker/mixin/artefacts.ts'
import { SEVERITIES } from '../../../docker/mixin/config.ts'
import { label, metric } from '../../../docker/mixin/names.ts'
import { recordingGroups } from '../../../docker/mixin/recording-rules.ts'
import { ruleTests } from '../../../docker/mixin/tests/index.ts'
import { selectorsOf } from './promql-selectors.ts'

const runbook = artefacts().get('runbook.md') ?? ''
const headings = [...runbook.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading ?? '')
/** As GitHub and GitLab make anchors of headings. */
const anchors = headings.map((heading) =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-'),
)

const rows = alerts.map((alert) => [alert.name, alert] as const)

describe.each(rows)('%s', (name, alert) => {
  test('says how long, how grave, what and where', () => {
    expect(name).toMatch(/^Aimlapi[A-Z]\w+$/)
    expect(alert.for).toMatch(/^\d+[mh]$/)
    expect(Object.keys(SEVERITIES)).toContain(alert.severity)
    expect(alert.summary).toMatch(/^[A-Z].*\.$/)
    expect(alert.summary).not.toMatch(/[{$]/)
    expect(alert.description).toContain('$labels')
  })

  test('has a page in the runbook where its address points', () => {
    expect(runbookUrlOf(alert)).toMatch(new RegExp(`/docker/runbook\\.md#${anchorOf(alert)}$`))
    expect(anchors).toContain(anchorOf(alert))
  })

  test('has a page with meaning, impact, three queries and a fix', () => {
    const page = runbook.split(`### ${name}\n`)[1]?.split(/^##/m)[0] ?? ''
    for (const part of ['**Meaning.** ', '**Impact.** ', '**Checks.**', '**Fix.** '])
      expect(page).toContain(part)
    expect(page.match(/```promql\n/g)).toHaveLength(3)
  })

  test('is tested quiet, firing, and quiet again', () => {
    const expectations = ruleTests.flatMap(({ expect: list = [] }) =>
      list.filter((one) => one.alert === name),
    )
    expect(expectations.some(({ firing }) => firing.length > 0)).toBe(true)
    const sameTest = ruleTests.some(({ expect: list = [] }) => {
      const own = list.filter((one) => one.alert === name)
      const fired = own.filter(({ firing }) => firing.length > 0).map(({ at }) => minutes(at))
      const calm = own.filter(({ firing }) => firing.length === 0).map(({ at }) => minutes(at))
      return calm.some((at) => at < Math.min(...fired)) && calm.some((at) => at > Math.min(...fired))
    })
    expect(sameTest).toBe(true)
  })
})

function minutes(time: string): number {
  const unit = { d: 1440, h: 60, m: 1 } as const
  return [...time.matchAll(/(\d+)([dhm])/g)].reduce(
    (sum, [, n, u]) => sum + Number(n) * unit[u as 'd' | 'h' | 'm'],
    0,
  )
}

test('headings of the runbook are the alerts, each once', () => {
  expect(headings).toEqual(alerts.map(({ name }) => name))
})

test('rules, alerts and checks read only series that exist', () => {
  const own = new Set<string>(Object.values(metric))
  const recorded = new Set(recordingGroups.flatMap(({ rules }) => rules.map(({ record }) => record)))
  const genAi = /^gen_ai_client_(operation|inference)_[a-z_]+_bucket$/
  const foreign = new Set(['up', 'target_info', ''])
  const expressions = [
    ...recordingGroups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
    ...alerts.flatMap(({ expr, runbook: { checks } }) => [expr, ...checks.map(({ query }) => query)]),
  ]
  const read = expressions.flatMap((expression) => selectorsOf(expression))
  const unknown = read.filter(
    ({ metric: name }) => !own.has(name) && !recorded.has(name) && !genAi.test(name) && !foreign.has(name),
  )
  expect(unknown.map(({ metric: name }) => name)).toEqual([])

  const labels = new Set<string>([
    ...Object.values(label),
    'job',
    'instance',
    'le',
    '__name__',
    'otel_metric_overflow',
    'aimlapi_error_class',
    'aimlapi_figure',
  ])
  const matched = read.flatMap(({ matchers }) => [...matchers.keys()])
  expect(matched.filter((name) => !labels.has(name) && !name.startsWith('aimlapi_tag_'))).toEqual([])
})

test('every recorded series is named level:metric:operations', () => {
  const names = recordingGroups.flatMap(({ rules }) => rules.map(({ record }) => record))
  expect(names.filter((name) => !/^aimlapi(_[a-z0-9]+)*:[a-z0-9_]+:[a-z0-9_]+$/.test(name))).toEqual([])
})
