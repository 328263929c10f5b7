/** The days before, for what compares this hour with them: loaded into Prometheus as blocks before it starts. */
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { config } from '../config.ts'
import { label } from '../names.ts'
import { recorded } from '../recording-rules.ts'

const MINUTES_AROUND = 30

/** What the same hour cost on each of the days before, around this moment, one sample a minute. */
export function usualHours(account: string, usd: number, nowSeconds: number): string {
  const series = `${recorded.accountSpend('1h')}{${label.account}="${account}"}`
  const lines = Array.from({ length: config.spike.days }, (_, index) => config.spike.days - index).flatMap(
    (day) =>
      Array.from({ length: 2 * MINUTES_AROUND }, (__, minute) => {
        const time = Math.floor(nowSeconds) - day * 86_400 + (minute - MINUTES_AROUND / 2) * 60
        return `${series} ${usd} ${time}`
      }),
  )
  return `${lines.join('\n')}\n# EOF\n`
}

/** @param openMetrics Text as `usualHours` gives it. */
export function loadHistory(openMetrics: string, dataFolder: string): void {
  const file = join(dataFolder, 'history.txt')
  writeFileSync(file, openMetrics)
  execFileSync('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, dataFolder])
  rmSync(file)
}
