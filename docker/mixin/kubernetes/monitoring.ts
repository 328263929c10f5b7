/** What the Prometheus operator and Grafana's sidecar load: scrapes of services, rules, dashboards. */
import { config } from '../config.ts'
import { dashboardFiles } from '../dashboards/index.ts'
import { ruleFiles } from '../rule-files.ts'
import { METRICS_PORT, SCRAPED_LABEL } from './names.ts'

const LABELS = { 'app.kubernetes.io/name': 'aimlapi' } as const

/** Scrapes every pod with the label, in any namespace; the pod names the port `metrics`. */
export const podMonitor = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PodMonitor',
  metadata: { name: 'aimlapi-services', labels: LABELS },
  spec: {
    // `job` is the service. Without it, all services have one job: the name of this monitor.
    jobLabel: 'app.kubernetes.io/name',
    // Without it, only pods of the namespace into which this is applied.
    namespaceSelector: { any: true },
    selector: { matchLabels: SCRAPED_LABEL },
    podMetricsEndpoints: [{ port: METRICS_PORT, interval: `${config.scrapeIntervalSeconds}s` }],
  },
}

export const prometheusRule = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PrometheusRule',
  metadata: { name: 'aimlapi', labels: LABELS },
  spec: { groups: Object.values(ruleFiles).flatMap((file) => (file as { groups: object[] }).groups) },
}

/** One ConfigMap a dashboard: together they would come near the limit of 1 MiB of one object. */
export const dashboardConfigMaps = Object.entries(dashboardFiles).map(([name, content]) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: `${name.replace(/\.json$/, '')}-dashboard`,
    // What the sidecar of Grafana's Helm chart looks for.
    labels: { ...LABELS, grafana_dashboard: '1' },
  },
  data: { [name]: JSON.stringify(content) },
}))
