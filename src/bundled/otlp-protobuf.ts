/** Built into the package, loaded where metrics are pushed and no other protocol is named. */
export { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
