/** Built into the package, loaded with OTEL_EXPORTER_OTLP_PROTOCOL=http/json. */
export { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
