/** Every combination under test, as data. A cell is one row in one column of one table of the matrix. */
import { NODES, SDKS, runsOn, type Column, type NodeMajor } from './layout.ts'
import type { Program } from './program.ts'

export interface Cell {
  readonly table: 'Clients' | 'Ways of loading'
  readonly row: string
  readonly column: string
  readonly program: Program
  /** The same application without us. Cells with the same one share its run. */
  readonly without: Program
  /** What the package says on standard error, where it has something to say. */
  readonly warning: string
}

const REGISTER = 'opentelemetry-instrumentation-aimlapi/register'
/** The same clock everywhere: answers with and without us are then equal to the last byte. */
const FROZEN = { now: () => Date.UTC(2026, 10, 22) }

interface ClientRow {
  readonly client: string
  /** The first Node it runs on. */
  readonly since?: NodeMajor
}

const CLIENTS: readonly ClientRow[] = [
  { client: 'global fetch' },
  { client: 'undici 5' },
  { client: 'undici 6' },
  { client: 'undici 7' },
  { client: 'undici 8', since: 22 },
  { client: 'node:http' },
  { client: 'axios' },
  { client: 'axios, fetch adapter' },
  { client: 'got 14' },
  { client: 'got 16' },
  { client: 'node-fetch 2' },
  { client: 'node-fetch 3' },
  { client: 'openai 4' },
  { client: 'openai 5' },
  { client: 'openai 6' },
  { client: 'openai 7' },
  { client: '@anthropic-ai/sdk' },
  { client: 'ai 6' },
  { client: 'ai 7' },
  { client: '@langchain/openai 1.5' },
  { client: '@langchain/openai 1.6' },
  { client: 'ws 8.0' },
  { client: 'ws 8.23' },
  { client: 'undici 6, WebSocket' },
  { client: 'undici 7, WebSocket' },
  { client: 'undici 8, WebSocket', since: 22 },
  { client: 'global WebSocket', since: 22 },
  { client: 'openai 6, OpenAIRealtimeWS' },
  { client: 'openai 6, OpenAIRealtimeWebSocket', since: 22 },
  { client: '@openai/agents-realtime' },
  { client: '@google/genai, live' },
]

/** How each Node's column of the client table is set up: between them, both SDKs and both module formats. */
const CLIENT_COLUMNS: readonly (Column & { readonly flag: string; readonly file: string })[] = [
  { node: 20, sdk: 2, flag: '--import', file: 'app.mjs' },
  { node: 22, sdk: 3, flag: '--require', file: 'app.cjs' },
  { node: 24, sdk: 2, flag: '--require', file: 'app.cjs' },
  { node: 26, sdk: 3, flag: '--import', file: 'app.mjs' },
]

interface LoadingRow {
  readonly way: string
  readonly file: string
  readonly setup: string
  readonly flags?: readonly string[]
  readonly scrape?: boolean
  readonly environment?: Readonly<Record<string, string>>
  readonly warning?: string
  /** The same calls without us, where it is not the same file. */
  readonly without?: { readonly file: string; readonly client: string }
}

const LATE_SDK =
  'aimlapi: an OpenTelemetry SDK was set up after register(), and did not get: metrics. ' +
  'What it was to send goes where register() sends it. Start that SDK first, or add AimlapiInstrumentation to it ' +
  'instead of calling register()\n'

/**
 * The flag in either format, before an application of either format that starts an SDK of its own: our metrics go where
 * the variables say, our spans to that SDK. API 1.10 has one copy for each format.
 */
const LATE_SDK_ROWS: readonly LoadingRow[] = ['--import', '--require'].flatMap((flag) =>
  [
    ['ESM', 'app.mjs'],
    ['CommonJS', 'app.cjs'],
  ].map(([format, file = '']) => ({
    way: `${flag}, then own NodeSDK, ${format}`,
    file,
    setup: 'late NodeSDK',
    flags: [flag, REGISTER],
    environment: { OTEL_TRACES_EXPORTER: 'none' },
    warning: LATE_SDK,
  })),
)

const LOADING: readonly LoadingRow[] = [
  { way: '--import, ESM', file: 'app.mjs', setup: 'preloaded', flags: ['--import', REGISTER], scrape: true },
  { way: '--import, CommonJS', file: 'app.cjs', setup: 'preloaded', flags: ['--import', REGISTER] },
  {
    way: '--require, CommonJS',
    file: 'app.cjs',
    setup: 'preloaded',
    flags: ['--require', REGISTER],
    scrape: true,
  },
  {
    way: '--require, then register() in ESM',
    file: 'app.mjs',
    setup: 'twice',
    flags: ['--require', REGISTER],
    warning: 'aimlapi: register() was called again; the first registration stays, with its own options\n',
  },
  { way: 'register() first, shutdown() last, ESM', file: 'app.mjs', setup: 'first' },
  { way: 'late register(), ESM', file: 'app.mjs', setup: 'late' },
  { way: 'late register(), CommonJS', file: 'app.cjs', setup: 'late' },
  { way: 'own NodeSDK, ESM', file: 'app.mjs', setup: 'own NodeSDK' },
  { way: 'own NodeSDK, CommonJS', file: 'app.cjs', setup: 'own NodeSDK' },
  ...LATE_SDK_ROWS,
  {
    way: 'own providers, then register()',
    file: 'app.mjs',
    setup: 'own providers',
    warning:
      'aimlapi: the application has a MeterProvider; it is used, and no SDK and no exporter is started\n',
  },
  { way: 'worker thread, register() inside', file: 'worker.mjs', setup: 'late' },
  {
    way: 'worker thread under --import',
    file: 'worker.mjs',
    setup: 'preloaded',
    flags: ['--import', REGISTER],
  },
  { way: 'esbuild, ESM, OpenTelemetry outside', file: 'bundles/outside.mjs', setup: 'first' },
  { way: 'esbuild, CommonJS, OpenTelemetry outside', file: 'bundles/outside.cjs', setup: 'first' },
  { way: 'esbuild, ESM, all in one, minified', file: 'bundles/inside.mjs', setup: 'first' },
  { way: 'esbuild, CommonJS, all in one, minified', file: 'bundles/inside.cjs', setup: 'first' },
  {
    way: 'TypeScript compiled to CommonJS',
    file: 'consumer/main.js',
    setup: 'first',
    without: { file: 'app.cjs', client: 'one question' },
  },
]
/** The runtime's own two transports. */
const LOADING_CLIENT = 'fetch and node:http'

export const COLUMNS: readonly Column[] = NODES.flatMap((node) => SDKS.map((sdk) => ({ node, sdk }))).filter(
  runsOn,
)

export function columnName({ node, sdk }: Column): string {
  return `Node ${node}, SDK ${sdk}`
}

function program(
  column: Column,
  file: string,
  setup: string,
  client: string,
  more: Partial<Program> = {},
): Program {
  return {
    column,
    file,
    flags: [],
    scrape: false,
    simulator: FROZEN,
    environment: { CELL_CLIENT: client, CELL_SETUP: setup },
    ...more,
  }
}

function clientCells(): Cell[] {
  return CLIENTS.flatMap(({ client, since = 20 }) =>
    CLIENT_COLUMNS.filter(({ node }) => node >= since).map(({ flag, file, ...column }) => ({
      table: 'Clients' as const,
      row: client,
      column: columnName(column),
      program: program(column, file, 'preloaded', client, { flags: [flag, REGISTER] }),
      without: program(column, file, 'none', client),
      warning: '',
    })),
  )
}

function loadingCells(): Cell[] {
  return LOADING.flatMap(({ way, file, setup, environment, without, ...row }) => {
    const { flags = [], scrape = false, warning = '' } = row
    return COLUMNS.map((column) => {
      const tried = program(column, file, setup, LOADING_CLIENT, { flags, scrape })
      return {
        table: 'Ways of loading' as const,
        row: way,
        column: columnName(column),
        program: { ...tried, environment: { ...tried.environment, ...environment } },
        without: program(column, without?.file ?? file, 'none', without?.client ?? LOADING_CLIENT),
        warning,
      }
    })
  })
}

export const CELLS: readonly Cell[] = [...clientCells(), ...loadingCells()]
