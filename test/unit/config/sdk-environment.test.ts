import { describe, expect, it } from 'vitest'
import { resolveSdkEnvironment } from '../../../src/config.ts'

const QUIET = {
  disabled: false,
  exportTraces: false,
  exportLogs: false,
  metricExporters: [],
  otlpMetricsProtocol: 'http/protobuf',
  metricExportIntervalMs: 60_000,
  metricExportTimeoutMs: 30_000,
  resourceDetectors: undefined,
  metricsAreOff: false,
  hasConfigFile: false,
  logLevel: undefined,
}

describe('what the standard variables ask of an SDK', () => {
  it.each<[Record<string, string>, Partial<ReturnType<typeof resolveSdkEnvironment>>]>([
    [{}, {}],
    [{ OTEL_SDK_DISABLED: 'True' }, { disabled: true }],
    [{ OTEL_SDK_DISABLED: '1' }, {}],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, { exportTraces: true }],
    [
      { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' },
      { metricExporters: ['otlp'], exportLogs: true },
    ],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/v1/traces' }, { exportTraces: true }],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' },
      { exportTraces: true, exportLogs: true, metricExporters: ['otlp'] },
    ],
    [{ OTEL_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://c:4318' }, {}],
    [{ OTEL_METRICS_EXPORTER: 'otlp, prometheus,console' }, { metricExporters: ['otlp', 'console'] }],
    [{ OTEL_METRICS_EXPORTER: 'none' }, { metricsAreOff: true }],
    [{ OTEL_CONFIG_FILE: '/etc/otel.yaml' }, { hasConfigFile: true }],
    [{ OTEL_EXPERIMENTAL_CONFIG_FILE: '/etc/otel.yaml' }, { hasConfigFile: true }],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, { otlpMetricsProtocol: 'grpc' }],
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json' },
      { otlpMetricsProtocol: 'http/json' },
    ],
    [{ OTEL_METRIC_EXPORT_INTERVAL: '1000' }, { metricExportIntervalMs: 1000, metricExportTimeoutMs: 1000 }],
    [{ OTEL_METRIC_EXPORT_INTERVAL: 'soon', OTEL_METRIC_EXPORT_TIMEOUT: '-1' }, {}],
    [{ OTEL_LOGS_EXPORTER: 'console' }, { exportLogs: true }],
    [{ OTEL_NODE_RESOURCE_DETECTORS: 'env,host' }, { resourceDetectors: ['env', 'host'] }],
    [{ OTEL_LOG_LEVEL: 'debug' }, { logLevel: 'DEBUG' }],
  ])('%j', (environment, expected) => {
    expect(resolveSdkEnvironment(environment)).toEqual({ ...QUIET, ...expected })
  })
})
