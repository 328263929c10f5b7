/**
 * What docs/beside-other-tools.md says of each tool. Every row names the cells that have shown it: `cellsOf` throws
 * for a row that none has.
 */
import { HOUSE_CELLS } from './cells.ts'
import { RECIPES } from './recipes.ts'

export interface Tool {
  readonly tool: string
  /** Packages whose versions are told, of the house's package.json; none for what Node brings. */
  readonly house: string
  readonly packages: readonly string[]
  /** How to set both up. */
  readonly setUp: string
  /** What the user sees; what is not as one might expect, in full. */
  readonly result: string
  /** Matches rows of cells and recipes. */
  readonly cells: RegExp
}

export const TOOLS: readonly Tool[] = [
  ...[8, 9, 10].map((version) => ({
    tool: `Sentry ${version}`,
    house: `sentry${version}`,
    packages: ['@sentry/node'],
    setUp: 'either order; with an OTLP endpoint [Sentry first](#sentry)',
    result:
      'Calls are spans in the transaction of the request. Metrics stay on our `/metrics`. Each scrape is a transaction until it is left out ([how](#scrapes-that-other-tools-trace)).',
    cells: new RegExp(`^Sentry ${version}\\b`),
  })),
  {
    tool: 'Sentry 11',
    house: 'sentry11',
    packages: ['@sentry/node'],
    setUp: 'either order',
    result:
      'Sentry 11 takes no spans of OpenTelemetry: calls are in the metrics, and in Sentry as its own `http.client` spans. Each scrape is a transaction until it is left out ([how](#scrapes-that-other-tools-trace)).',
    cells: /^Sentry 11\b/,
  },
  {
    tool: 'Datadog',
    house: 'datadog',
    packages: ['dd-trace'],
    setUp: 'either order',
    result:
      'Datadog has its own spans, as without the package. With `DD_TRACE_OTEL_ENABLED` and its TracerProvider registered, our spans are in its traces.',
    cells: /dd-trace/,
  },
  {
    tool: 'Elastic APM',
    house: 'elastic-apm',
    packages: ['elastic-apm-node'],
    setUp: 'either order',
    result:
      'Without its bridge: its own spans only. With `ELASTIC_APM_OPENTELEMETRY_BRIDGE_ENABLED` one span for each call: ours for `fetch`, its own for `node:http`, because it keeps the outer one of two exit spans.',
    cells: /elastic-apm-node/,
  },
  {
    tool: 'EDOT Node.js',
    house: 'edot',
    packages: ['@elastic/opentelemetry-node'],
    setUp: 'EDOT first',
    result: 'Metrics and spans go where EDOT sends its own. One line says that its MeterProvider is used.',
    cells: /^EDOT/,
  },
  {
    tool: 'New Relic',
    house: 'newrelic',
    packages: ['newrelic'],
    setUp: 'either order',
    result:
      'Metrics stay on our `/metrics`. With its OpenTelemetry bridge (`NEW_RELIC_OPENTELEMETRY_ENABLED`) metrics go to New Relic instead; `NEW_RELIC_OPENTELEMETRY_METRICS_ENABLED=false` keeps them here.',
    cells: /newrelic/,
  },
  {
    tool: 'auto-instrumentations, SDK 2.x',
    house: 'auto-instrumentations',
    packages: ['@opentelemetry/auto-instrumentations-node'],
    setUp: 'theirs first',
    result:
      'Metrics and spans go where theirs go. Behind our flag: `/metrics` is ours, spans go where theirs go, and one line says that their metrics did not get through.',
    cells: /auto-instrumentations, SDK 2/,
  },
  {
    tool: 'auto-instrumentations, SDK 3.x',
    house: 'auto-instrumentations-sdk3',
    packages: ['@opentelemetry/auto-instrumentations-node'],
    setUp: 'theirs first',
    result: 'As with SDK 2.x.',
    cells: /auto-instrumentations, SDK 3/,
  },
  {
    tool: 'Next.js',
    house: 'next',
    packages: ['next', '@vercel/otel'],
    setUp: '`instrumentation.ts`, either order',
    result: '`next build` and `next start` with `@vercel/otel`: calls are spans in the trace of the request.',
    cells: /next start/,
  },
  {
    tool: 'NestJS',
    house: 'nestjs',
    packages: ['@nestjs/core'],
    setUp: 'our flag, or `register()` in `main.ts`',
    result: 'Nothing to know.',
    cells: /^NestJS/,
  },
  {
    tool: 'Fastify',
    house: 'fastify',
    packages: ['fastify', '@fastify/otel'],
    setUp: 'either order',
    result: 'Calls are spans under those of the handler.',
    cells: /@fastify\/otel/,
  },
  {
    tool: 'Langfuse',
    house: 'langfuse',
    packages: ['@langfuse/otel', '@langfuse/openai'],
    setUp: 'either order',
    result: 'A call is a generation of Langfuse, and our span below it.',
    cells: /Langfuse/,
  },
  {
    tool: 'OpenLIT',
    house: 'openlit',
    packages: ['openlit'],
    setUp: 'OpenLIT first',
    result:
      'Both have a span for each call, ours below theirs. Its metrics (`gen_ai.*`) are estimates; with them on, ours go where it sends them. Behind our flag the OpenTelemetry API says `Current logger will overwrite one already registered`: harmless.',
    cells: /openlit/,
  },
  {
    tool: 'Traceloop (OpenLLMetry)',
    house: 'traceloop',
    packages: ['@traceloop/node-server-sdk'],
    setUp: 'either order',
    result: 'Both have a span for each call, ours below theirs.',
    cells: /Traceloop/,
  },
  {
    tool: '`node:cluster`',
    house: 'tools',
    packages: [],
    setUp: 'a port for each worker, or push',
    result:
      'With one port for all, the first worker serves it, and a line names the port for each other one.',
    cells: /^node:cluster/,
  },
  {
    tool: 'PM2',
    house: 'tools',
    packages: ['pm2'],
    setUp: '`increment_var`',
    result:
      'A port for each instance. In cluster mode call `register()` in the code; the flag comes too early there.',
    cells: /^PM2/,
  },
  {
    tool: 'prom-client',
    house: 'tools',
    packages: ['prom-client'],
    setUp: '`prometheusText()`',
    result: 'One `/metrics` for both, and no second port.',
    cells: /^prom-client/,
  },
  {
    tool: 'Proxies',
    house: 'tools',
    packages: ['undici', 'global-agent', 'https-proxy-agent'],
    setUp: 'nothing',
    result:
      '`EnvHttpProxyAgent`, `ProxyAgent`, a global dispatcher, `NODE_USE_ENV_PROXY`, `global-agent`, `https-proxy-agent`: calls are counted as without a proxy.',
    cells: /^proxy/,
  },
  {
    tool: 'Bundlers',
    house: 'tools',
    packages: ['webpack', 'rollup', 'vite', '@vercel/ncc'],
    setUp: 'nothing',
    result: 'All in one file, to ES modules and to CommonJS ([more](#bundlers)).',
    cells: /^bundle/,
  },
  {
    tool: 'Serverless',
    house: 'tools',
    packages: [],
    setUp: '`forceFlush()` in each request ([how](#serverless))',
    result: 'The collector has all of a request before the process is frozen.',
    cells: /^serverless/,
  },
  {
    tool: 'Mocks',
    house: 'tools',
    packages: ['msw', 'nock'],
    setUp: 'nothing',
    result:
      'MSW and nock answer below the transports: a mocked call is counted, with the usage that the mock says. A `MockAgent` of undici answers above them: it is not counted.',
    cells: /^mocks/,
  },
]

/** Rows of cells and recipes that show what the table says. */
export function cellsOf({ tool, cells }: Tool): string[] {
  const rows = [...HOUSE_CELLS, ...RECIPES].map(({ row }) => row).filter((row) => cells.test(row))
  if (rows.length === 0) throw new Error(`no cell of the compatibility suite shows ${tool}`)
  return rows
}
