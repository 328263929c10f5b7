import {
  PodMonitor,
  PrometheusRule,
  ServiceMonitor,
} from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'
import { Deployment } from 'kubernetes-models/apps/v1'
import { ConfigMap, Service } from 'kubernetes-models/v1'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { artefacts } from '../../../docker/mixin/artefacts.ts'
import { dashboardFiles } from '../../../docker/mixin/dashboards/index.ts'
import { deployment, serviceMonitor } from '../../../docker/mixin/kubernetes/exporter.ts'
import { podMonitor } from '../../../docker/mixin/kubernetes/monitoring.ts'
import { ruleFiles } from '../../../docker/mixin/rule-files.ts'
import { USAGE } from '../../../src/exporter/invocation.ts'

interface KubernetesObject {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec?: unknown
  readonly data?: Readonly<Record<string, string>>
}

/** Each validates against the schema of the operator or of Kubernetes. */
const MODELS: Readonly<Record<string, new (data: never) => { validate(): void }>> = {
  ConfigMap,
  Deployment,
  PodMonitor,
  PrometheusRule,
  Service,
  ServiceMonitor,
}

const files = [...artefacts()].filter(([path]) => path.startsWith('kubernetes/'))
const objects = files.flatMap(([path, text]) =>
  parseAllDocuments(text).map((document) => [path, document.toJS() as KubernetesObject] as const),
)
const ofKind = (kind: string) => objects.map(([, object]) => object).filter((object) => object.kind === kind)

const validate = (object: KubernetesObject): void => {
  const Model = MODELS[object.kind]
  if (Model === undefined) throw new Error(`no schema for ${object.kind}`)
  new Model(object as never).validate()
}

describe('the files for Kubernetes', () => {
  it.each(objects.map(([path, object]) => [object.kind, object.metadata.name, path, object] as const))(
    '%s %s of %s is what the schema accepts',
    (_kind, _name, _path, object) => {
      expect(() => validate(object)).not.toThrow()
    },
  )

  it.each([
    [
      'a rule without an expression',
      'PrometheusRule',
      { groups: [{ name: 'a', rules: [{ alert: 'A' }] }] },
      'expr',
    ],
    [
      'an interval without a unit',
      'PodMonitor',
      { selector: {}, podMetricsEndpoints: [{ interval: '30' }] },
      'interval',
    ],
    ['replicas as text', 'Deployment', { replicas: '1', selector: {}, template: {} }, 'replicas'],
  ])('would not be accepted with %s', (_what, kind, spec, named) => {
    expect(() => validate({ kind, metadata: { name: 'wrong' }, spec })).toThrow(named)
  })

  it('hold every group of rules', () => {
    const groups = Object.values(ruleFiles).flatMap((file) => (file as { groups: object[] }).groups)
    expect(ofKind('PrometheusRule')).toHaveLength(1)
    expect(ofKind('PrometheusRule')[0]?.spec).toEqual({ groups })
  })

  it('hold every dashboard, each within the size of a ConfigMap', () => {
    const held = Object.assign({}, ...ofKind('ConfigMap').map(({ data }) => data)) as Record<string, string>
    expect(Object.keys(held).sort()).toEqual(Object.keys(dashboardFiles).sort())
    for (const [name, text] of Object.entries(held)) {
      expect(text).toBe(JSON.stringify(dashboardFiles[name]))
      expect(text.length).toBeLessThan(2 ** 20)
    }
  })

  it('probe what the exporter serves, as a user that the image has', () => {
    const [container] = deployment.spec.template.spec.containers
    const { startupProbe, livenessProbe, readinessProbe } = container ?? {}
    const paths = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet.path)
    expect(paths).toEqual(['/healthz', '/healthz', '/readyz'])
    for (const path of paths) expect(USAGE).toContain(`${path}:`)
    expect(readFileSync(new URL('../../../docker/Dockerfile', import.meta.url), 'utf8')).toContain(
      'USER node',
    )
    expect(deployment.spec.template.spec.securityContext.runAsUser).toBe(1000)
  })

  it('scrape services in every namespace, each as a job of its own', () => {
    expect(podMonitor.spec.namespaceSelector).toEqual({ any: true })
    expect(podMonitor.spec.jobLabel).toBe('app.kubernetes.io/name')
    // The recipe gives the pods that label.
    const recipe = readFileSync(new URL('../../../docs/kubernetes.md', import.meta.url), 'utf8')
    expect(recipe).toContain(`      ${podMonitor.spec.jobLabel}: `)
  })

  it('scrape by the names that the pods and services have', () => {
    expect(serviceMonitor.spec.selector.matchLabels).toEqual(deployment.spec.template.metadata.labels)
    const [port] = deployment.spec.template.spec.containers.flatMap(({ ports }) => ports)
    const scraped = [...podMonitor.spec.podMetricsEndpoints, ...serviceMonitor.spec.endpoints]
    expect(scraped.map((endpoint) => endpoint.port)).toEqual([port?.name, port?.name])
  })
})
