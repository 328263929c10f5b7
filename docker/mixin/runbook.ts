/** docker/runbook.md, from the table of alerts. */
import type { Alert } from './alerts/alert.ts'
import { alertGroups } from './alerts/index.ts'
import { SEVERITIES } from './config.ts'
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

export function runbook(): string {
  const severities = Object.entries(SEVERITIES).map(([name, meaning]) => `| ${name} | ${meaning} |`)
  const contents = alertGroups.flatMap(({ title, alerts }) => [
    `- ${title}: ${alerts.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(', ')}`,
  ])
  const pages = alertGroups.map(({ title, alerts }) => `## ${title}\n\n${alerts.map(page).join('\n')}`)
  return `<!-- ${GENERATED} -->
# Runbook

One page per alert: what it means, what it costs, where to look, what to do. The queries run as they are in
Prometheus or in Grafana's Explore. Thresholds, windows and budgets stand in \`docker/mixin/config.ts\`.

| Severity | What it asks of you |
|---|---|
${severities.join('\n')}

${contents.join('\n')}

${pages.join('\n')}`
}
