/** How long the panels take over thirty days of recorded totals, on a real Prometheus on one core. */
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { dashboards } from '../dashboards/index.ts'
import { label, tagLabel } from '../names.ts'
import { panelData } from '../preview/panel-data.ts'
import { recorded } from '../recording-rules.ts'
import { startPrometheus } from './prometheus.ts'

const DAYS = 30
const STEP_S = 60
/** The length of a block that promtool can make in one go. */
const BLOCK_S = 54 * 3600
/** Points of a line that Grafana asks for, at most. */
const POINTS = 1000
const MODELS = 10
const TEAMS = 5

export interface PanelTime {
  readonly dashboard: string
  readonly panel: string
  readonly seconds: number
}

type Labels = Readonly<Record<string, string>>

const ACCOUNT = { [label.account]: 'prod' }
const owner = (index: number) => ({
  [tagLabel('team')]: `team-${index % TEAMS}`,
  [tagLabel('feature')]: `feature-${Math.floor(index / TEAMS)}`,
})

/** Each recorded series that is read by its name, with the labels of its level. */
function recordedSeries(labelSets: number): string[] {
  const owners = Math.ceil(labelSets / MODELS)
  const call = (index: number) => ({
    job: 'shop',
    ...ACCOUNT,
    [label.requestModel]: `model-${index % MODELS}`,
    [label.endpoint]: 'chat',
    ...owner(Math.floor(index / MODELS)),
  })
  const levels: ReadonlyArray<[prefix: string, sets: readonly Labels[]]> = [
    ['aimlapi_call:', Array.from({ length: labelSets }, (_, index) => call(index))],
    ['aimlapi_owner:', Array.from({ length: owners }, (_, index) => ({ ...ACCOUNT, ...owner(index) }))],
    ['aimlapi_account:', [ACCOUNT]],
    ['aimlapi:', [{}]],
  ]
  const more: Readonly<Record<string, readonly Labels[]>> = {
    [recorded.tokens]: [{ [label.tokenType]: 'input' }, { [label.tokenType]: 'output' }],
    [recorded.tokenDetails]: [{ [label.tokenDetail]: 'cache_read' }],
  }
  return Object.values(recorded)
    .filter((name) => typeof name === 'string')
    .flatMap((name) => {
      const sets = levels.find(([prefix]) => name.startsWith(prefix))?.[1] ?? []
      return sets.flatMap((set) => (more[name] ?? [{}]).map((one) => selector(name, { ...set, ...one })))
    })
}

function selector(name: string, labels: Labels): string {
  return `${name}{${Object.entries(labels)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(',')}}`
}

/** Block after block: promtool reads its whole input once for each. */
function writeBlocks(series: readonly string[], startS: number, endS: number, dataFolder: string): void {
  const file = join(dataFolder, 'block.txt')
  for (let from = startS; from < endS; from = Math.floor(from / BLOCK_S + 1) * BLOCK_S) {
    const to = Math.min(endS, Math.floor(from / BLOCK_S + 1) * BLOCK_S)
    const out = openSync(file, 'w')
    for (const [index, one] of series.entries()) {
      const lines: string[] = []
      for (let at = Math.ceil(from / STEP_S) * STEP_S; at < to; at += STEP_S)
        lines.push(`${one} ${((at - startS) * (index + 1)) / 1000} ${at}\n`)
      writeSync(out, lines.join(''))
    }
    writeSync(out, '# EOF\n')
    closeSync(out)
    execFileSync(
      'promtool',
      ['tsdb', 'create-blocks-from', '--max-block-duration=54h', 'openmetrics', '--quiet', file, dataFolder],
      { stdio: 'ignore' },
    )
  }
  rmSync(file)
}

/**
 * Every panel with thirty days picked, one after the other, slowest first.
 * @param labelSets Of each total of calls: models times endpoints times values of tags.
 * @param command Path of Prometheus; the one on the PATH unless told.
 */
export async function panelTimes(
  labelSets: number,
  command?: string,
): Promise<{ readonly series: number; readonly panels: readonly PanelTime[] }> {
  const endS = Math.floor(Date.now() / 1000 / STEP_S) * STEP_S
  const startS = endS - DAYS * 86_400
  const series = recordedSeries(labelSets)
  const prometheus = await startPrometheus({
    ...(command !== undefined && { command }),
    targets: [],
    blocks: (folder) => writeBlocks(series, startS, endS, folder),
  })
  const time = {
    start: startS,
    end: endS,
    step: Math.ceil((endS - startS) / POINTS),
    rateIntervalSeconds: 4 * STEP_S,
  }
  try {
    const panels: PanelTime[] = []
    for (const dashboard of dashboards)
      for (const panel of dashboard.rows.flatMap((row) => row.panels)) {
        const began = performance.now()
        await panelData(prometheus, panel, time)
        const seconds = (performance.now() - began) / 1000
        panels.push({ dashboard: dashboard.title, panel: panel.title, seconds })
      }
    return { series: series.length, panels: panels.toSorted((left, right) => right.seconds - left.seconds) }
  } finally {
    await prometheus.stop()
  }
}
