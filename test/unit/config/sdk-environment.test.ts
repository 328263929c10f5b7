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
  problems: [],
}

describe('what the standard variables ask of an SDK', () => {
  it.each<[Record<string, string>, Partial<ReturnType<typeof resolveSdkEnvironment>>]>([
    [{}, {}],
    [{ OTEL_SDK_DISABLED: 'True' }, { disabled: true }],
    [{ OTEL_SDK_DISABLED: 'false' }, {}],
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
    [{ OTEL_LOGS_EXPORTER: 'console' }, { exportLogs: true }],
    [{ OTEL_NODE_RESOURCE_DETECTORS: 'env,host' }, { resourceDetectors: ['env', 'host'] }],
    [{ OTEL_LOG_LEVEL: 'debug' }, { logLevel: 'DEBUG' }],
  ])('%j', (environment, expected) => {
    expect(resolveSdkEnvironment(environment)).toEqual({ ...QUIET, ...expected })
  })

  it.each<[Record<string, string>, RegExp, Partial<ReturnType<typeof resolveSdkEnvironment>>]>([
    [{ OTEL_METRICS_EXPORTER: 'otpl' }, /OTEL_METRICS_EXPORTER has "otpl"; accepted: prometheus, otlp/, {}],
    [
      { OTEL_TRACES_EXPORTER: 'oltp' },
      /OTEL_TRACES_EXPORTER has "oltp"; accepted: otlp/,
      { exportTraces: true },
    ],
    [{ OTEL_SDK_DISABLED: 'yes' }, /OTEL_SDK_DISABLED is "yes"; accepted: true, false/, {}],
    [{ OTEL_LOG_LEVEL: 'loud' }, /OTEL_LOG_LEVEL is "loud"; accepted: none, error/, { logLevel: 'LOUD' }],
    [
      { OTEL_METRIC_EXPORT_INTERVAL: 'soon' },
      /OTEL_METRIC_EXPORT_INTERVAL is "soon"; .*milliseconds above 0/,
      {},
    ],
    [
      { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'user:canary@collector' },
      /OTEL_EXPORTER_OTLP_METRICS_ENDPOINT has something else than a URL; accepted: such as http/,
      { metricExporters: ['otlp'] },
    ],
  ])('%j is ignored, with a line that shows no secret', (environment, line, expected) => {
    const { problems, ...rest } = resolveSdkEnvironment(environment)
    expect(problems).toEqual([expect.stringMatching(line)])
    expect(problems.join()).not.toContain('canary')
    expect({ ...rest, problems: [] }).toEqual({ ...QUIET, ...expected })
  })

  it('an endpoint of gRPC may be a host and port alone', () => {
    expect(resolveSdkEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }).problems).toEqual([])
  })
})
