/** The files below docker/kubernetes: name → the objects in it. */
import { deployment, service, serviceMonitor } from './exporter.ts'
import { dashboardConfigMaps, podMonitor, prometheusRule } from './monitoring.ts'

export const kubernetesFiles: Readonly<Record<string, readonly object[]>> = {
  'exporter.yaml': [deployment, service],
  'monitors.yaml': [podMonitor, serviceMonitor],
  'rules.yaml': [prometheusRule],
  'dashboards.yaml': dashboardConfigMaps,
}
