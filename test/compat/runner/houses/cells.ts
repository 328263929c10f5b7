/** The houses: which other tools the package is tried beside, and how both are started. */
import type { NodeMajor } from '../layout.ts'
import type { IntakeName } from './intakes.ts'

export const REGISTER = 'opentelemetry-instrumentation-aimlapi/register'

export interface HouseCell {
  /** Folder of its package.json and lock file in test/compat/houses. */
  readonly house: string
  readonly row: string
  readonly nodes: readonly NodeMajor[]
  /** In the house's programs. */
  readonly file: string
  /** Flags of Node in their order. Those with our name are left out in the run without us. */
  readonly flags: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Where the tool sends what it saw: a server of its own kind, or the OTLP collector. */
  readonly intake: IntakeName | 'otlp' | undefined
  /** Where our figures are read: our own /metrics, or what the host's exporter sends. */
  readonly figures: 'scrape' | 'otlp'
  /** Whether our spans are in the tool's traces. */
  readonly spans: boolean
  /** Lines that we say, where we have something to say. */
  readonly says: readonly RegExp[]
}

type Row = Pick<HouseCell, 'row' | 'flags'> & Partial<HouseCell>

function house(name: string, defaults: Partial<HouseCell>, rows: readonly Row[]): HouseCell[] {
  return rows.map((row) => ({
    house: name,
    nodes: [24],
    file: 'service.cjs',
    intake: undefined,
    figures: 'scrape',
    spans: true,
    says: [],
    ...defaults,
    ...row,
    environment: { ...defaults.environment, ...row.environment },
  }))
}

const OURS = ['--import', REGISTER] as const
const START_TOOL = ['--import', './programs/start-tool.mjs'] as const
const IN_APPLICATION = { CELL_START: 'application' }

const sentry = (version: number, nodes: readonly NodeMajor[]): HouseCell[] =>
  house(`sentry${version}`, { nodes, intake: 'sentry', environment: { CELL_TOOL: 'sentry' } }, [
    {
      row: `Sentry ${version}: our flag, then Sentry.init in the application`,
      flags: OURS,
      environment: IN_APPLICATION,
    },
    { row: `Sentry ${version} first, then our flag`, flags: [...START_TOOL, ...OURS] },
  ])

const DATADOG = {
  DD_TRACE_AGENT_PROTOCOL_VERSION: '0.4',
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
  DD_REMOTE_CONFIGURATION_ENABLED: 'false',
  DD_TRACE_STARTUP_LOGS: 'false',
}
const datadog = house('datadog', { nodes: [20, 24], intake: 'datadog' }, [
  {
    row: 'dd-trace 6 first, then our flag',
    flags: ['--require', 'dd-trace/init', ...OURS],
    spans: false,
    environment: { CELL_TOOL: 'datadog', ...DATADOG },
  },
  {
    row: 'dd-trace 6 with DD_TRACE_OTEL_ENABLED first, then our flag',
    flags: ['--require', './programs/tools/datadog-bridge.cjs', ...OURS],
    environment: { CELL_TOOL: 'datadog', DD_TRACE_OTEL_ENABLED: 'true', ...DATADOG },
  },
  {
    row: 'our flag, then dd-trace 6 in the application',
    flags: OURS,
    spans: false,
    environment: { CELL_TOOL: 'datadog', ...IN_APPLICATION, ...DATADOG },
  },
  {
    row: 'our flag, then dd-trace 6 with its OpenTelemetry bridge in the application',
    flags: OURS,
    environment: { CELL_TOOL: 'datadog-bridge', ...IN_APPLICATION, ...DATADOG },
  },
])

const elastic = house(
  'elastic-apm',
  {
    nodes: [20, 24],
    intake: 'elastic',
    environment: { CELL_TOOL: 'elastic', ELASTIC_APM_METRICS_INTERVAL: '0' },
  },
  [
    {
      row: 'elastic-apm-node 4 first, then our flag',
      flags: ['--require', 'elastic-apm-node/start', ...OURS],
      spans: false,
    },
    {
      row: 'elastic-apm-node 4 with its OpenTelemetry bridge first, then our flag',
      flags: ['--require', 'elastic-apm-node/start', ...OURS],
      environment: { ELASTIC_APM_OPENTELEMETRY_BRIDGE_ENABLED: 'true' },
    },
    {
      row: 'our flag, then elastic-apm-node 4 with its bridge in the application',
      flags: OURS,
      environment: { ELASTIC_APM_OPENTELEMETRY_BRIDGE_ENABLED: 'true', ...IN_APPLICATION },
    },
  ],
)

/** The agent is off line: nothing answers where it sends. */
const NEWRELIC = {
  CELL_TOOL: 'newrelic',
  NEW_RELIC_APP_NAME: 'house',
  NEW_RELIC_LICENSE_KEY: '0123456789012345678901234567890123456789',
  NEW_RELIC_HOST: '127.0.0.1',
  NEW_RELIC_PORT: '9',
  NEW_RELIC_LOG: 'stdout',
  NEW_RELIC_LOG_LEVEL: 'error',
  NEW_RELIC_HOME: '/nonexistent',
}
const newrelic = house('newrelic', { nodes: [22, 24], spans: false, environment: NEWRELIC }, [
  { row: 'newrelic 14 first, then our flag', flags: ['--require', 'newrelic', ...OURS] },
  {
    row: 'our flag, then newrelic 14 in the application',
    flags: OURS,
    environment: IN_APPLICATION,
  },
  {
    row: 'newrelic 14 with its OpenTelemetry bridge first, then our flag',
    flags: ['--require', 'newrelic', ...OURS],
    environment: { NEW_RELIC_OPENTELEMETRY_ENABLED: 'true' },
  },
  {
    row: 'our flag, then newrelic 14 with its OpenTelemetry bridge in the application',
    flags: OURS,
    environment: { NEW_RELIC_OPENTELEMETRY_ENABLED: 'true', ...IN_APPLICATION },
  },
])

/** A host with an OpenTelemetry SDK of its own, metrics included: our figures go where its own go. */
const OWN_SDK: Partial<HouseCell> = { intake: 'otlp', figures: 'otlp' }
const QUIET_SDK = {
  OTEL_NODE_RESOURCE_DETECTORS: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_METRICS_EXPORTER: 'otlp',
  OTEL_TRACES_EXPORTER: 'otlp',
  CELL_TOOL: 'otel',
}
const edot = house('edot', { ...OWN_SDK, nodes: [20, 24], environment: QUIET_SDK }, [
  {
    row: 'EDOT first, then our flag',
    flags: ['--import', '@elastic/opentelemetry-node', ...OURS],
    environment: { ELASTIC_OTEL_NODE_ENABLE_LOG_SENDING: 'false' },
  },
])

const AUTO = ['--require', '@opentelemetry/auto-instrumentations-node/register'] as const
const LOADER = ['--import', './programs/loader-hook.mjs'] as const
const autoInstrumentations = (name: string, sdk: string, nodes: readonly NodeMajor[]): HouseCell[] =>
  house(name, { ...OWN_SDK, nodes, environment: QUIET_SDK }, [
    { row: `auto-instrumentations, SDK ${sdk}, first, then our flag, CommonJS`, flags: [...AUTO, ...OURS] },
    {
      row: `auto-instrumentations, SDK ${sdk}, first with loader hooks, then our flag, ESM`,
      file: 'service.mjs',
      flags: [...LOADER, ...AUTO, ...OURS],
    },
    {
      row: `our flag, then auto-instrumentations, SDK ${sdk}, CommonJS`,
      flags: [...OURS, ...AUTO],
      figures: 'scrape',
      environment: { OTEL_METRICS_EXPORTER: 'prometheus', OTEL_TRACES_EXPORTER: '' },
    },
  ])

export const HOUSE_CELLS: readonly HouseCell[] = [
  ...sentry(8, [20]),
  ...sentry(9, [22]),
  ...sentry(10, [20, 24]),
  ...sentry(11, [22, 26]),
  ...datadog,
  ...elastic,
  ...newrelic,
  ...edot,
  ...autoInstrumentations('auto-instrumentations', '2.x', [20, 24]),
  ...autoInstrumentations('auto-instrumentations-sdk3', '3.x', [22, 26]),
]
