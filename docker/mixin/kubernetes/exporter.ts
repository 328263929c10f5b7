/** The exporter as a Deployment of one replica, with its Service and what scrapes it. */
import { version } from '../../../package.json'
import { config } from '../config.ts'
import { EXPORTER, EXPORTER_LABELS, METRICS_PORT, SECRET } from './names.ts'

const PORT = 9464
const metadata = { name: EXPORTER, labels: EXPORTER_LABELS }

const probe = (path: string, periodSeconds: number) => ({
  httpGet: { path, port: METRICS_PORT },
  periodSeconds,
  timeoutSeconds: 3,
})

const container = {
  name: EXPORTER,
  image: `ghcr.io/aimlapi/${EXPORTER}:${version}`,
  ports: [{ name: METRICS_PORT, containerPort: PORT }],
  env: [{ name: 'OTEL_EXPORTER_PROMETHEUS_PORT', value: String(PORT) }],
  // AIMLAPI_ACCOUNTS, and AIMLAPI_MANAGEMENT_KEY and AIMLAPI_BUDGETS where they are wanted.
  envFrom: [{ secretRef: { name: SECRET } }],
  startupProbe: { ...probe('/healthz', 2), failureThreshold: 15 },
  livenessProbe: probe('/healthz', 15),
  readinessProbe: probe('/readyz', 15),
  resources: { requests: { cpu: '10m', memory: '96Mi' }, limits: { memory: '256Mi' } },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
}

export const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: {
    // Two would both poll the account, and each would count what it was charged.
    replicas: 1,
    strategy: { type: 'Recreate' },
    selector: { matchLabels: EXPORTER_LABELS },
    template: {
      metadata: { labels: EXPORTER_LABELS },
      spec: {
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [container],
      },
    },
  },
}

export const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata,
  spec: { selector: EXPORTER_LABELS, ports: [{ name: METRICS_PORT, port: PORT, targetPort: METRICS_PORT }] },
}

export const serviceMonitor = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata,
  spec: {
    selector: { matchLabels: EXPORTER_LABELS },
    endpoints: [{ port: METRICS_PORT, interval: `${config.scrapeIntervalSeconds}s` }],
  },
}
