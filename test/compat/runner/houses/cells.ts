/** The houses: which other tools the package is tried beside, and how both are started. */
import type { NodeMajor } from '../layout.ts'

export const REGISTER = 'opentelemetry-instrumentation-aimlapi/register'

/** Kinds of servers to which tools send what they saw. */
export type IntakeName = 'sentry' | 'datadog' | 'elastic'

/** What the service does with AI/ML API: an answer and a stream through `fetch`, an answer through `node:http`. */
export type Work = 'json' | 'stream' | 'http'
const EVERY: readonly Work[] = ['json', 'stream', 'http']

export interface HouseCell {
  /** Folder of its package.json and lock file in test/compat/houses. */
  readonly house: string
  readonly row: string
  readonly nodes: readonly NodeMajor[]
  /** In the house's programs. */
  readonly file: string
  /** Flags of Node in their order. Those with our name are left out in the run without us. */
  readonly flags: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Where the tool sends what it saw: a server of its own kind, or the OTLP collector; `{intake}` in `environment`. */
  readonly intake: IntakeName | 'otlp' | undefined
  /** Where our figures are read: our own /metrics, or what the host's exporter sends. */
  readonly figures: 'scrape' | 'otlp'
  /** Calls whose span of ours is in the tool's traces. */
  readonly spans: readonly Work[]
  /** Spans that the tool has without us and not with us, by the names from the root down. */
  readonly lost: readonly string[]
  /** The tool is told to leave scrapes of /metrics out of its traces. */
  readonly leavesOutScrapes: boolean
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
    spans: EVERY,
    lost: [],
    leavesOutScrapes: false,
    says: [],
    ...defaults,
    ...row,
    environment: { ...defaults.environment, ...row.environment },
  }))
}

const OURS = ['--import', REGISTER] as const
const START_TOOL = ['--import', './programs/start-tool.mjs'] as const
const IN_APPLICATION = { CELL_START: 'application' }

/** Up to 10 Sentry has an OpenTelemetry SDK inside, and our spans are in its traces. 11 has none. */
const sentry = (version: number, nodes: readonly NodeMajor[], spans: readonly Work[] = EVERY): HouseCell[] =>
  house(
    `sentry${version}`,
    { nodes, intake: 'sentry', spans, environment: { CELL_TOOL: 'sentry', CELL_INTAKE: '{intake}' } },
    [
      {
        row: `Sentry ${version}: our flag, then Sentry.init in the application`,
        flags: OURS,
        environment: IN_APPLICATION,
      },
      {
        row: `Sentry ${version} first, then our flag`,
        flags: [...START_TOOL, ...OURS],
        environment: { CELL_LEAVES_OUT: '/metrics' },
        leavesOutScrapes: true,
      },
    ],
  )

const DATADOG = {
  DD_TRACE_AGENT_URL: '{intake}',
  DD_TRACE_AGENT_PROTOCOL_VERSION: '0.4',
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
  DD_REMOTE_CONFIGURATION_ENABLED: 'false',
  DD_TRACE_STARTUP_LOGS: 'false',
}
const datadog = house('datadog', { nodes: [22, 24], intake: 'datadog' }, [
  {
    row: 'dd-trace 6 first, then our flag',
    flags: ['--require', 'dd-trace/init', ...OURS],
    spans: [],
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
    spans: [],
    leavesOutScrapes: true,
    environment: { CELL_TOOL: 'datadog', CELL_LEAVES_OUT: '/metrics', ...IN_APPLICATION, ...DATADOG },
  },
  {
    row: 'our flag, then dd-trace 6 with its OpenTelemetry bridge in the application',
    flags: OURS,
    environment: { CELL_TOOL: 'datadog-bridge', ...IN_APPLICATION, ...DATADOG },
  },
])

/** An exit span of Elastic's has no exit span below it: of ours and theirs, the outer one is kept. */
const ELASTIC_EXIT: Partial<HouseCell> = {
  spans: ['json', 'stream'],
  lost: ['GET /:work/:user > POST <address>', 'GET /:work/:user > POST <address>'],
}
const elastic = house(
  'elastic-apm',
  {
    nodes: [20, 24],
    intake: 'elastic',
    environment: {
      CELL_TOOL: 'elastic',
      ELASTIC_APM_SERVER_URL: '{intake}',
      ELASTIC_APM_METRICS_INTERVAL: '0',
      ELASTIC_APM_LOG_LEVEL: 'warning',
      ELASTIC_APM_CENTRAL_CONFIG: 'false',
      ELASTIC_APM_CLOUD_PROVIDER: 'none',
    },
  },
  [
    {
      row: 'elastic-apm-node 4 first, then our flag',
      leavesOutScrapes: true,
      environment: { ELASTIC_APM_TRANSACTION_IGNORE_URLS: '/metrics' },
      flags: ['--require', 'elastic-apm-node/start', ...OURS],
      spans: [],
    },
    {
      row: 'elastic-apm-node 4 with its OpenTelemetry bridge first, then our flag',
      ...ELASTIC_EXIT,
      flags: ['--require', 'elastic-apm-node/start', ...OURS],
      environment: { ELASTIC_APM_OPENTELEMETRY_BRIDGE_ENABLED: 'true' },
    },
    {
      row: 'our flag, then elastic-apm-node 4 with its bridge in the application',
      ...ELASTIC_EXIT,
      flags: OURS,
      environment: { ELASTIC_APM_OPENTELEMETRY_BRIDGE_ENABLED: 'true', ...IN_APPLICATION },
    },
  ],
)

/** The agent is off line: nothing answers where it sends. */
export const NEWRELIC = {
  CELL_TOOL: 'newrelic',
  NEW_RELIC_APP_NAME: 'house',
  NEW_RELIC_LICENSE_KEY: '0123456789012345678901234567890123456789',
  NEW_RELIC_HOST: '127.0.0.1',
  NEW_RELIC_PORT: '9',
  NEW_RELIC_LOG: 'stdout',
  NEW_RELIC_LOG_LEVEL: 'error',
  NEW_RELIC_HOME: '/nonexistent',
}
/** Without the last one our figures go to New Relic, and to no /metrics. */
const NEWRELIC_BRIDGE = {
  NEW_RELIC_OPENTELEMETRY_ENABLED: 'true',
  NEW_RELIC_OPENTELEMETRY_METRICS_ENABLED: 'false',
}
const newrelic = house('newrelic', { nodes: [22, 24], spans: [], environment: NEWRELIC }, [
  { row: 'newrelic 14 first, then our flag', flags: ['--require', 'newrelic', ...OURS] },
  {
    row: 'our flag, then newrelic 14 in the application',
    flags: OURS,
    environment: IN_APPLICATION,
  },
  {
    row: 'newrelic 14 with its OpenTelemetry bridge first, then our flag',
    flags: ['--require', 'newrelic', ...OURS],
    environment: NEWRELIC_BRIDGE,
  },
  {
    row: 'our flag, then newrelic 14 with its OpenTelemetry bridge in the application',
    flags: OURS,
    environment: { ...NEWRELIC_BRIDGE, ...IN_APPLICATION },
  },
])

/** A host with an OpenTelemetry SDK of its own, metrics included: our figures go where its own go. */
const LATE =
  /an OpenTelemetry SDK was set up after register\(\), and did not get: context, (metrics, )?propagation, trace\. What it was to send goes where register\(\) sends it\./
const USED = /the application has a MeterProvider; it is used, and no SDK and no exporter is started/
const OWN_SDK: Partial<HouseCell> = { intake: 'otlp', figures: 'otlp', says: [USED] }
/** The standard variables: whoever starts first takes them for its own. */
const STANDARD = { OTEL_EXPORTER_OTLP_ENDPOINT: '{intake}', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }
const QUIET_SDK = {
  ...STANDARD,
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

/** Ours serves /metrics, and sends the traces as well: the standard variables ask for it. */
const OURS_FIRST: Partial<HouseCell> = {
  figures: 'scrape',
  says: [LATE],
  environment: { OTEL_METRICS_EXPORTER: 'prometheus', OTEL_TRACES_EXPORTER: undefined },
}
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
      flags: ['--require', REGISTER, ...AUTO],
      ...OURS_FIRST,
    },
    {
      row: `our flag, then auto-instrumentations, SDK ${sdk}, with loader hooks, ESM`,
      file: 'service.mjs',
      flags: [...OURS, ...LOADER, '--import', '@opentelemetry/auto-instrumentations-node/register'],
      ...OURS_FIRST,
    },
  ])

/** Tools that watch the client, and no web framework. */
const aiTools = [
  ...house('langfuse', { intake: 'otlp', environment: { CELL_TOOL: 'langfuse', CELL_INTAKE: '{intake}' } }, [
    { row: 'Langfuse 5 first, then our flag', flags: [...START_TOOL, ...OURS] },
    { row: 'our flag, then Langfuse 5 in the application', flags: OURS, environment: IN_APPLICATION },
  ]),
  ...house('openlit', { intake: 'otlp', environment: { CELL_TOOL: 'openlit', CELL_INTAKE: '{intake}' } }, [
    { row: 'openlit 1 first, then our flag', flags: [...START_TOOL, ...OURS] },
    {
      row: 'openlit 1 first with its metrics, then our flag',
      flags: [...START_TOOL, ...OURS],
      figures: 'otlp',
      says: [],
      environment: { CELL_METRICS: 'theirs' },
    },
    {
      row: 'our flag, then openlit 1 in the application',
      flags: OURS,
      // Its SDK replaces our logger, which the API reports together with the place.
      says: [/Current logger will overwrite one already registered/],
      environment: IN_APPLICATION,
    },
  ]),
  ...house(
    'traceloop',
    {
      intake: 'otlp',
      environment: { CELL_TOOL: 'traceloop', CELL_INTAKE: '{intake}', TRACELOOP_TELEMETRY: 'false' },
    },
    [
      { row: 'Traceloop first, then our flag', flags: [...START_TOOL, ...OURS] },
      { row: 'our flag, then Traceloop in the application', flags: OURS, environment: IN_APPLICATION },
    ],
  ),
]

const frameworks = [
  ...house('nestjs', { nodes: [20, 24], file: 'nest.cjs', spans: [] }, [
    { row: 'NestJS 11, our flag', flags: OURS },
    { row: 'NestJS 11, register() in main', flags: [], environment: IN_APPLICATION },
  ]),
  ...house(
    'fastify',
    {
      nodes: [20, 24],
      file: 'fastify.cjs',
      intake: 'otlp',
      environment: { ...QUIET_SDK, OTEL_METRICS_EXPORTER: 'none', CELL_TOOL: 'fastify' },
    },
    [
      {
        row: '@fastify/otel first, then our flag',
        flags: [...START_TOOL, ...OURS],
        figures: 'otlp',
        says: [USED],
        environment: { OTEL_METRICS_EXPORTER: 'otlp' },
      },
      {
        row: 'our flag, then @fastify/otel in the application',
        flags: OURS,
        ...OURS_FIRST,
        environment: { ...OURS_FIRST.environment, ...IN_APPLICATION },
      },
    ],
  ),
]

const next = house(
  'next',
  {
    nodes: [22, 24],
    file: 'next.cjs',
    flags: [],
    intake: 'otlp',
    environment: {
      NEXT_TELEMETRY_DISABLED: '1',
      OTEL_METRICS_EXPORTER: 'prometheus',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      ...STANDARD,
    },
  },
  [
    {
      row: '@vercel/otel 2 first, then register(), next start',
      flags: [],
      environment: { CELL_ORDER: 'theirs first' },
    },
    {
      row: 'register(), then @vercel/otel 2, next start',
      flags: [],
      says: [LATE],
      environment: { CELL_ORDER: 'ours first' },
    },
  ],
)

export const HOUSE_CELLS: readonly HouseCell[] = [
  ...sentry(8, [20]),
  ...sentry(9, [22]),
  ...sentry(10, [20, 24]),
  ...sentry(11, [22, 26], []),
  ...datadog,
  ...elastic,
  ...newrelic,
  ...edot,
  ...autoInstrumentations('auto-instrumentations', '2.x', [20, 24]),
  ...autoInstrumentations('auto-instrumentations-sdk3', '3.x', [22, 26]),
  ...aiTools,
  ...frameworks,
  ...next,
]
