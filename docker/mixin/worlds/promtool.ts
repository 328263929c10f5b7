/** Worlds as tests of promtool or vmalert-tool, and what the rules made of them, read back from what it prints. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { stringify } from 'yaml'

import type { RecordingGroup } from '../recording-rules.ts'
import type { Sample, SampledSeries } from './processes.ts'
import { type PlayedWorld, WARM_UP_S } from './world.ts'

/** A sample list in promtool's notation, one entry for each step of the grid. */
export function notation(samples: readonly Sample[], gridS: number): string {
  const parts: string[] = []
  let step = 0
  for (const { atS, value } of samples) {
    const at = Math.round(atS / gridS)
    if (at > step) parts.push(`_x${at - step}`)
    parts.push(String(value))
    step = at + 1
  }
  return parts.join(' ')
}

function selector({ labels }: SampledSeries): string {
  const { __name__: name, ...others } = labels
  const matchers = Object.entries(others).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  return `${name}{${matchers.join(',')}}`
}

/** Series of 1 while Prometheus is up: rules are not evaluated without it. */
const ALIVE = 'test_prometheus_is_up'

function evaluatedWhileUp(group: RecordingGroup): object {
  const rules = group.rules.map(({ record, expr }) => ({ record, expr: `(${expr}) and on () ${ALIVE}` }))
  return { name: group.name, interval: `${group.intervalSeconds}s`, rules }
}

/** What is never true, so that promtool prints what it got instead. */
const IMPOSSIBLE = [{ labels: '{}', value: -1e15 }]

/**
 * Asks each query at the end of the world and some minutes. Gives one number a query; NaN when there is no answer.
 * @param command Path of promtool or vmalert-tool.
 */
export async function askPromtool(
  command: string,
  groups: readonly RecordingGroup[],
  { world, series }: PlayedWorld,
  queries: readonly string[],
): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'aimlapi-world-'))
  const gridS = world.gridS ?? 15
  const endS = WARM_UP_S + world.hours * 3600
  const down = (world.down ?? []).map(([from, to]) => [from + WARM_UP_S, to + WARM_UP_S] as const)
  const steps = Math.ceil((endS + 1800) / gridS)
  const up: Sample[] = Array.from({ length: steps }, (_, step) => step * gridS)
    .filter((atS) => !down.some(([from, to]) => atS >= from && atS < to))
    .map((atS) => ({ atS, value: 1 }))
  for (const [from] of down) up.push({ atS: from, value: 'stale' })
  const test = {
    rule_files: ['rules.yml'],
    evaluation_interval: `${world.evaluationS ?? 60}s`,
    group_eval_order: groups.map(({ name }) => name),
    tests: [
      {
        name: world.name,
        interval: `${gridS}s`,
        input_series: [
          {
            series: ALIVE,
            values: notation(
              up.toSorted((a, b) => a.atS - b.atS),
              gridS,
            ),
          },
          ...series.map((one) => ({ series: selector(one), values: notation(one.samples, gridS) })),
        ],
        ...asked(
          command,
          queries.map((expr) => `sum(${expr})`),
          `${endS + 600}s`,
        ),
      },
    ],
  }
  writeFileSync(
    join(folder, 'rules.yml'),
    stringify({ groups: groups.map(evaluatedWhileUp) }, { lineWidth: 0 }),
  )
  try {
    const output = await runRuleTest(command, folder, test)
    const got = [...output.matchAll(/got:\s*(?:nil|\{\} ([^\s\]]+))/g)].map(([, value]) =>
      Number(value ?? Number.NaN),
    )
    if (got.length !== queries.length) throw new Error(`${command} said\n${output.slice(0, 4000)}`)
    return got
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** vmalert-tool of VictoriaMetrics reads promtool's files, but for the word for queries. */
const isVmalertTool = (command: string) => basename(command) === 'vmalert-tool'

/** Queries at one time, as a part of a test that never passes, so that the answers are printed. */
export function asked(command: string, queries: readonly string[], evalTime: string): object {
  const tests = queries.map((expr) => ({ expr, eval_time: evalTime, exp_samples: IMPOSSIBLE }))
  return isVmalertTool(command) ? { metricsql_expr_test: tests } : { promql_expr_test: tests }
}

/** What the tool prints of a test file, whether it is content or not. */
export function runRuleTest(command: string, folder: string, test: object): Promise<string> {
  const file = join(folder, 'test.yml')
  writeFileSync(file, stringify(test, { lineWidth: 0 }))
  const words = isVmalertTool(command) ? ['unittest', `--files=${file}`] : ['test', 'rules', file]
  return new Promise((resolve) => {
    execFile(command, words, { maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
}
