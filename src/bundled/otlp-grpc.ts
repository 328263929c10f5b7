/** Built into the package, loaded with OTEL_EXPORTER_OTLP_PROTOCOL=grpc. */
export { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc'
