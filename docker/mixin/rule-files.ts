/** The rules as Prometheus files. */
import { stringify } from 'yaml'

import { type Alert, runbookUrlOf } from './alerts/alert.ts'
import { alertGroups } from './alerts/index.ts'
import { config } from './config.ts'
import { type RecordingGroup, recordingGroups } from './recording-rules.ts'

export const GENERATED = 'Generated from docker/mixin by `npm run mixin`. Do not edit.'

/** Block scalars for long text, no folding of lines: diffs stay readable. */
export function yaml(value: unknown): string {
  return `# ${GENERATED}\n${stringifyPlain(value)}`
}

function stringifyPlain(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
}

/** Several documents in one file, as kubectl reads them. */
export function yamlDocuments(values: readonly object[]): string {
  return `# ${GENERATED}\n${values.map(stringifyPlain).join('---\n')}`
}

function alertRule(alert: Alert): object {
  return {
    alert: alert.name,
    expr: alert.expr,
    for: alert.for,
    labels: { severity: alert.severity },
    annotations: {
      summary: alert.summary,
      description: alert.description,
      runbook_url: runbookUrlOf(alert),
    },
  }
}

function recordingGroup({ name, intervalSeconds, rules }: RecordingGroup): object {
  const written = rules.map(({ record, expr, labels }) => ({ record, expr, ...(labels && { labels }) }))
  return { name, interval: `${intervalSeconds}s`, rules: written }
}

/** File name → content: one group of recording rules a file, so that each can be left out or tested alone. */
export const ruleFiles: Readonly<Record<string, object>> = {
  ...Object.fromEntries(
    recordingGroups.map((group) => [`${group.name}.yml`, { groups: [recordingGroup(group)] }]),
  ),
  'aimlapi-alerts.yml': {
    groups: alertGroups.map(({ name, alerts }) => ({
      name,
      interval: `${config.counting.intervalSeconds}s`,
      rules: alerts.map(alertRule),
    })),
  },
}
