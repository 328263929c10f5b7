import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { NodeSDK, tracing } from '@opentelemetry/sdk-node'
import { AimlapiInstrumentation } from 'opentelemetry-instrumentation-aimlapi'

// Your SDK as it is today. The one new line is the instrumentation.
const sdk = new NodeSDK({
  serviceName: 'own-node-sdk',
  metricReaders: [
    new PrometheusExporter({ port: Number(process.env.OTEL_EXPORTER_PROMETHEUS_PORT ?? 9464) }),
  ],
  spanProcessors: [new tracing.SimpleSpanProcessor(new tracing.ConsoleSpanExporter())],
  instrumentations: [new AimlapiInstrumentation({ metricTags: ['team'] })],
})
sdk.start()

process.once('beforeExit', () => void sdk.shutdown())
