/** The table of alerts, from the ones that the rules are made of. */
import { readFileSync } from 'node:fs'
import { alertGroups } from '../../docker/mixin/alerts/index.ts'
import { anchorOf } from '../../docker/mixin/alerts/alert.ts'
import { formatTable } from './table.ts'

const RUNBOOK = 'docker/runbook.md'

export function formatAlerts(): string {
  const runbook = readFileSync(new URL(`../../${RUNBOOK}`, import.meta.url), 'utf8')
  return formatTable(
    ['Alert', 'Severity', 'Says'],
    alertGroups
      .flatMap(({ alerts }) => alerts)
      .map((alert) => {
        if (!runbook.includes(` ${alert.name}\n`)) throw new Error(`${RUNBOOK} has no heading ${alert.name}`)
        return [`[${alert.name}](../${RUNBOOK}#${anchorOf(alert)})`, alert.severity, alert.summary]
      }),
  )
}
