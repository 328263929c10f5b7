/** Everything the mixin generates: path below docker/ → text. Pure; writing and comparing are the caller's. */
import { alertmanager } from './alertmanager.ts'
import { dashboardFiles } from './dashboards/index.ts'
import { kubernetesFiles } from './kubernetes/index.ts'
import { ruleFiles, yaml, yamlDocuments } from './rule-files.ts'
import { runbook } from './runbook.ts'
import { ruleTestFiles } from './tests/index.ts'

function under(folder: string, files: Readonly<Record<string, object>>): Array<[path: string, text: string]> {
  return Object.entries(files).map(([name, content]) => [`${folder}/${name}`, yaml(content)])
}

export function artefacts(): Map<string, string> {
  return new Map([
    ...under('prometheus/rules', ruleFiles),
    ...under('prometheus/tests', ruleTestFiles),
    ...under('alertmanager', { 'alertmanager.yml': alertmanager }),
    ...Object.entries(dashboardFiles).map(
      ([name, content]) => [`grafana/dashboards/${name}`, `${JSON.stringify(content, null, 2)}\n`] as const,
    ),
    ...Object.entries(kubernetesFiles).map(
      ([name, objects]) => [`kubernetes/${name}`, yamlDocuments(objects)] as const,
    ),
    ['runbook.md', runbook()],
  ])
}
