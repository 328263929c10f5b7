/** What the Kubernetes objects call each other. */

/** Labels of everything that belongs to the exporter, and the selector of its pods. */
export const EXPORTER_LABELS = { 'app.kubernetes.io/name': 'aimlapi-exporter' } as const

/** Name of the exporter's Deployment, Service and ServiceMonitor. */
export const EXPORTER = 'aimlapi-exporter'

/** The Secret that holds the keys; it is not among the files: `docs/kubernetes.md` has the command that makes it. */
export const SECRET = 'aimlapi-keys'

/** Name of the port that serves /metrics, in pods and services. */
export const METRICS_PORT = 'metrics'

/** A pod with this label is scraped by the PodMonitor. */
export const SCRAPED_LABEL = { 'aimlapi.com/scrape': 'true' } as const
