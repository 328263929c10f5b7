/** docker/runbook.md, from the table of alerts. */
import type { Alert } from './alerts/alert.ts'
import { alertGroups } from './alerts/index.ts'
import { SEVERITIES } from './config.ts'
import { type RecordingGroup, recordingGroups } from './recording-rules.ts'
import { GENERATED } from './rule-files.ts'

function page({ name, severity, for: duration, summary, runbook: text }: Alert): string {
  const checks = text.checks.map(
    (check, index) => `${index + 1}. ${check.text}\n   \`\`\`promql\n   ${check.query}\n   \`\`\``,
  )
  return `### ${name}

${summary} Severity: **${severity}**, after ${duration}.

**Meaning.** ${text.meaning}

**Impact.** ${text.impact}

**Checks.**

${checks.join('\n')}

**Fix.** ${text.fix}
`
}

function recordedTable({ name, rules }: RecordingGroup): string {
  const rows = rules.map(({ record, meaning }) => `| \`${record}\` | ${meaning} |`)
  return `**${name}**\n\n| Series | Meaning |\n|---|---|\n${rows.join('\n')}`
}

export function runbook(): string {
  const severities = Object.entries(SEVERITIES).map(([name, meaning]) => `| ${name} | ${meaning} |`)
  const contents = alertGroups.flatMap(({ title, alerts }) => [
    `- ${title}: ${alerts.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(', ')}`,
  ])
  const pages = alertGroups.map(({ title, alerts }) => `## ${title}\n\n${alerts.map(page).join('\n')}`)
  return `<!-- ${GENERATED} -->
# Runbook

One page per alert: what it means, what it costs, where to look, what to do. The queries run as they are in
Prometheus or in Grafana's Explore. \`x - (last_over_time(x[6h] offset 1h) or 0 * x)\` is what the total \`x\` grew by in
an hour, also where it is younger than that. Thresholds and windows stand in \`docker/mixin/config.ts\`; budgets in the
variable \`AIMLAPI_BUDGETS\` of the exporter, or of the service if there is no exporter.

| Severity | What it asks of you |
|---|---|
${severities.join('\n')}

${contents.join('\n')}

${pages.join('\n')}
## Recorded series

One sentence each. Totals are counters without the labels of processes, which never restart: what was
spent in a day is \`x - (last_over_time(x[6h] offset 1d) or 0 * x)\`.

${recordingGroups.map(recordedTable).join('\n\n')}
`
}
