/** Worlds as tests of promtool, and what the rules made of them, read back from what it prints. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { stringify } from 'yaml'

import { newerPrograms } from '../servers/newer-programs.ts'
import type { Sample, SampledSeries } from './processes.ts'

/** The promtools that are here, oldest first, by the name of their column in the tables. */
export const promtools: ReadonlyArray<{ readonly column: string; readonly command: string }> = [
  { column: 'Prometheus 2.42', command: 'promtool' },
  { column: 'Prometheus 3.5', command: newerPrograms('promtool') ?? '' },
].filter(({ command }) => command !== '')

/** A rule group as a rule file has it. */
export interface Group {
  readonly name: string
  readonly interval: string
  readonly rules: readonly object[]
}

export interface Played {
  readonly groups: readonly Group[]
  /** Seconds between two evaluations. */
  readonly everyS: number
  /** Seconds between two entries of `values`. */
  readonly gridS: number
  readonly series: ReadonlyArray<{ readonly series: string; readonly values: string }>
}

export interface Question {
  readonly expr: string
  readonly atS: number
}

export interface Answer {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

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

/** `name{label="value"}`. */
export function selector({ labels }: Pick<SampledSeries, 'labels'>): string {
  const { __name__: name, ...others } = labels
  const matchers = Object.entries(others).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  return `${name}{${matchers.join(',')}}`
}

/** vmalert-tool of VictoriaMetrics reads promtool's files, but for the word for queries. */
const isVmalertTool = (command: string) => basename(command) === 'vmalert-tool'

/** What is never true, so that promtool prints what it got instead. */
const IMPOSSIBLE = [{ labels: '{}', value: -1e15 }]

/**
 * Plays the series through the groups and asks. Gives the samples of each question, in the order asked.
 * @param command Path of promtool or vmalert-tool.
 */
export async function askPromtool(
  command: string,
  { groups, everyS, gridS, series }: Played,
  questions: readonly Question[],
): Promise<Answer[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'aimlapi-world-'))
  const test = {
    rule_files: ['rules.yml'],
    evaluation_interval: `${everyS}s`,
    group_eval_order: groups.map(({ name }) => name),
    tests: [
      {
        interval: `${gridS}s`,
        input_series: series,
        [isVmalertTool(command) ? 'metricsql_expr_test' : 'promql_expr_test']: questions.map(
          ({ expr, atS }) => ({ expr, eval_time: `${atS}s`, exp_samples: IMPOSSIBLE }),
        ),
      },
    ],
  }
  writeFileSync(join(folder, 'rules.yml'), stringify({ groups }, { lineWidth: 0 }))
  writeFileSync(join(folder, 'test.yml'), stringify(test, { lineWidth: 0 }))
  try {
    const file = join(folder, 'test.yml')
    const output = await runTool(
      command,
      isVmalertTool(command) ? ['unittest', `--files=${file}`] : ['test', 'rules', file],
    )
    const answers = [...output.matchAll(/got:\s*([^\n]*)/g)].map(([, line = '']) => answersIn(line))
    if (answers.length !== questions.length) throw new Error(`${command} said\n${output.slice(0, 4000)}`)
    return answers
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `{a="b"} 1, {a="c"} 2`, or `nil`. */
function answersIn(line: string): Answer[] {
  return [...line.matchAll(/\{([^}]*)\} ([^\s,\]]+)/g)].map(([, list = '', value]) => ({
    labels: Object.fromEntries([...list.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, text]) => [name, text])),
    value: Number(value),
  }))
}

/** Its words, whether it is content or not. */
function runTool(command: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, [...words], { maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
}
