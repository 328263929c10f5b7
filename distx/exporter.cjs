#!/usr/bin/env node
require('./rolldown-runtime-D_mwlA32.cjs')
const require_account_metrics = require('./account-metrics-BBDp1JNp.cjs')
const require_diagnostics = require('./diagnostics-DO1rGalb.cjs')
let node_http = require('node:http')
let _opentelemetry_exporter_prometheus = require('@opentelemetry/exporter-prometheus')
let _opentelemetry_sdk_metrics = require('@opentelemetry/sdk-metrics')
let node_fs = require('node:fs')
let node_util = require('node:util')
let node_events = require('node:events')
//#region src/exporter/accounts-file.ts
/** The accounts file of `--accounts-file`: a JSON array of `{ name, apiKey }`, or lines of `name=key`. */
const MAX_SIZE_BYTES = 1024 * 1024
const ACCEPTED = 'a JSON array of { "name": …, "apiKey": … }, or one name=key per line (# begins a comment)'
/** @throws ConfigurationError when the file cannot be read or is none; no message shows what is in it. */
function readAccountsFile(path) {
  try {
    const { mode, size } = (0, node_fs.statSync)(path)
    if (size > MAX_SIZE_BYTES)
      throw new require_account_metrics.ConfigurationError(
        `accounts file ${path} is larger than ${MAX_SIZE_BYTES} bytes`,
      )
    const accounts = parseAccountsFile((0, node_fs.readFileSync)(path, 'utf8'))
    const isOpen = process.platform !== 'win32' && (mode & 4) !== 0
    const warning = `accounts file ${path} can be read by every user of this machine; chmod 600 keeps its keys to you`
    return isOpen
      ? {
          accounts,
          warning,
        }
      : { accounts }
  } catch (error) {
    if (error instanceof require_account_metrics.ConfigurationError) throw error
    throw new require_account_metrics.ConfigurationError(
      `accounts file ${path} cannot be read (${error.code ?? 'unknown error'})`,
    )
  }
}
/** @throws ConfigurationError */
function parseAccountsFile(text) {
  const content = text.replace(/^\uFEFF/, '').trim()
  return content.startsWith('[') ? parseJson(content) : parseLines(content)
}
function parseJson(content) {
  try {
    return JSON.parse(content)
  } catch {
    throw new require_account_metrics.ConfigurationError(
      `accounts file is no valid JSON; accepted: ${ACCEPTED}`,
    )
  }
}
function parseLines(content) {
  return content.split(/\r?\n/).flatMap((line, index) => {
    const entry = line.trim()
    if (entry === '' || entry.startsWith('#')) return []
    const equals = entry.indexOf('=')
    if (equals === -1)
      throw new require_account_metrics.ConfigurationError(
        `accounts file, line ${index + 1} has no "="; accepted: ${ACCEPTED}`,
      )
    return [
      {
        name: entry.slice(0, equals),
        apiKey: entry.slice(equals + 1),
      },
    ]
  })
}
//#endregion
//#region src/exporter/invocation.ts
/** What one start of `aimlapi-exporter` is asked to do: flags over the environment over the defaults. */
const USAGE = `Usage: aimlapi-exporter [flags]

Serves the account metrics of AI/ML API (balance, limits, top-ups, ledger) for Prometheus.

Accounts come from AIMLAPI_API_KEY, from AIMLAPI_ACCOUNTS (name=key,name=key) or from a file:
  --accounts-file PATH      a JSON array of { "name": …, "apiKey": … }, or one name=key per line

  --host HOST               address to listen on (OTEL_EXPORTER_PROMETHEUS_HOST, default localhost)
  --port PORT               port to listen on (OTEL_EXPORTER_PROMETHEUS_PORT, default 9464)
  --base-url URL            where the API is (AIMLAPI_BASE_URLS, default https://api.aimlapi.com)
  --balance-interval-ms N   between two polls of the balance (AIMLAPI_BALANCE_INTERVAL_MS, default 60000)
  --ledger-interval-ms N    between two readings of the ledger (AIMLAPI_LEDGER_INTERVAL_MS, default 60000)
  --no-ledger               do not follow charges and top-ups
  --once                    print balance and runway of every account and end: 0 when all answered, else 1
  --version, --help

Paths: /metrics; /healthz: the process is up; /readyz: at least one account has answered.
Exit codes: 0 after SIGTERM or SIGINT, 1 when it cannot serve, 2 for a mistake in the configuration.
`
const FLAGS = {
  'accounts-file': { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  'base-url': { type: 'string' },
  'balance-interval-ms': { type: 'string' },
  'ledger-interval-ms': { type: 'string' },
  'no-ledger': { type: 'boolean' },
  once: { type: 'boolean' },
  version: {
    type: 'boolean',
    short: 'v',
  },
  help: {
    type: 'boolean',
    short: 'h',
  },
}
/** How the options of `register()` are called here, for messages. */
const FLAG_OF_OPTION = {
  'prometheus.host': '--host',
  'prometheus.port': '--port',
  baseUrls: '--base-url',
  'balance.intervalMs': '--balance-interval-ms',
  'ledger.intervalMs': '--ledger-interval-ms',
  accounts: 'accounts file',
}
/** @throws ConfigurationError with one line that names the flag, variable or file, and never shows a key. */
function readInvocation(words, environment) {
  const flags = readFlags(words)
  if (flags.help === true) return { command: 'help' }
  if (flags.version === true) return { command: 'version' }
  const file = flags['accounts-file'] === void 0 ? void 0 : readAccountsFile(flags['accounts-file'])
  const ledgerInterval = flags['ledger-interval-ms']
  const ledgerIsSaid = ledgerInterval !== void 0 || environment['AIMLAPI_LEDGER_INTERVAL_MS'] !== void 0
  const config = resolveNamed(
    {
      ...(file !== void 0 && { accounts: file.accounts }),
      ...(flags['base-url'] !== void 0 && { baseUrls: [flags['base-url']] }),
      prometheus: {
        host: flags.host,
        port: flags.port,
      },
      balance: { intervalMs: flags['balance-interval-ms'] },
      ledger:
        flags['no-ledger'] === true
          ? false
          : {
              intervalMs: ledgerInterval,
              ...(!ledgerIsSaid && { enabled: true }),
            },
      settlement: false,
    },
    environment,
  )
  if (config.accounts.length === 0)
    throw new require_account_metrics.ConfigurationError(
      'no account: set AIMLAPI_API_KEY or AIMLAPI_ACCOUNTS, or use --accounts-file',
    )
  return {
    command: flags.once === true ? 'once' : 'serve',
    config,
    prometheus: config.prometheus,
    warnings: file?.warning === void 0 ? [] : [file.warning],
  }
}
function readFlags(words) {
  try {
    return (0, node_util.parseArgs)({
      args: [...words],
      options: FLAGS,
      strict: true,
    }).values
  } catch (error) {
    const { code, message = '' } = error
    if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL')
      throw new require_account_metrics.ConfigurationError('there is an argument that is no flag; see --help')
    throw new require_account_metrics.ConfigurationError(`${message.split(/\.(?:\s|$)/)[0]}; see --help`)
  }
}
/** Errors speak of flags where `resolveConfig` speaks of options. */
function resolveNamed(options, environment) {
  try {
    return require_account_metrics.resolveConfig(options, environment)
  } catch (error) {
    if (!(error instanceof require_account_metrics.ConfigurationError)) throw error
    const { message } = error
    throw new require_account_metrics.ConfigurationError(
      message
        .replace(
          /^option "accounts\[(\d+)\][^"]*"/,
          (_all, index) => `accounts file, entry ${Number(index) + 1}`,
        )
        .replace(/^option "([^"]+)"/, (all, option) => FLAG_OF_OPTION[option] ?? all),
    )
  }
}
//#endregion
//#region src/exporter/reports.ts
/** Asks every account once for its balance and what its key spent. */
const SPEND_HOURS = 24
/** All accounts at once; never rejects. The requests do not keep the process alive: the caller has to. */
function readReports(accounts, baseUrl) {
  const client = require_account_metrics.createClient()
  const clock = require_account_metrics.createClock()
  return Promise.all(
    accounts.map((account) => {
      return readReport(
        require_account_metrics.createAccountApi({
          account,
          baseUrl,
          client,
          clock,
          pages: require_account_metrics.createGate(0, clock),
          onPoll() {},
        }),
        clock,
      )
    }),
  )
}
async function readReport(api, clock) {
  let facts = {}
  const askBalance = require_account_metrics.createBalanceRound({
    api,
    intervalMs: 0,
    clock,
    onFacts: (learnt) => {
      facts = {
        ...facts,
        ...learnt,
      }
    },
  })
  const [balance, usage] = await Promise.all([
    askBalance(),
    api.ask({
      poll: 'balance',
      path: require_account_metrics.usagePath(SPEND_HOURS),
      parse: require_account_metrics.parseUsage,
    }),
  ])
  return {
    account: api.name,
    balance: balance.errorType === void 0 ? facts : { errorType: balance.errorType },
    spend: 'value' in usage ? usage.value : { errorType: usage.errorType },
  }
}
//#endregion
//#region src/exporter/runway.ts
const REASONS = {
  401: 'the key was refused',
  403: 'the key may not ask for it',
  429: 'too many requests',
  timeout: 'no answer',
  unparsable: 'the answer makes no sense',
}
const HEADINGS = ['ACCOUNT', 'BALANCE', 'CREDITS', 'SPENT 24 H (KEY)', 'RUNWAY', 'LOW', 'AUTO TOP-UP']
const UNKNOWN = '-'
/** Whether everything that was asked has been answered. */
function isComplete(reports) {
  return reports.every(({ balance, spend }) => !('errorType' in balance) && !('errorType' in spend))
}
/** One line per account, and below it one per answer that is missing. */
function formatReports(reports) {
  const rows = [HEADINGS, ...reports.map(formatRow)]
  const widths = HEADINGS.map((_heading, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return `${[
    ...rows.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
    ...reports.flatMap(formatFailures),
  ].join('\n')}\n`
}
function formatRow({ account, balance, spend }) {
  const facts = 'errorType' in balance ? {} : balance
  const { balanceUsd, balanceCredits, balanceLow, autoTopUpEnabled } = facts
  const spendUsd = 'errorType' in spend ? void 0 : spend.spendUsd
  return [
    account,
    formatUsd(balanceUsd),
    balanceCredits === void 0 ? UNKNOWN : balanceCredits.toLocaleString('en-US'),
    formatUsd(spendUsd),
    formatRunway(balanceUsd, spendUsd),
    formatFlag(balanceLow, 'low', 'no'),
    autoTopUpEnabled === true
      ? `below ${formatUsd(facts.autoTopUpThresholdUsd)} add ${formatUsd(facts.autoTopUpAmountUsd)}`
      : formatFlag(autoTopUpEnabled, '', 'off'),
  ]
}
function formatFailures({ account, balance, spend }) {
  return Object.entries({
    balance,
    spend,
  }).flatMap(([what, answer]) => {
    if (!('errorType' in answer)) return []
    const { errorType } = answer
    const reason = REASONS[errorType]
    return [`${account}: no ${what} (${reason === void 0 ? errorType : `${errorType}: ${reason}`})`]
  })
}
/** How long the balance lasts at the spend of the last 24 hours. */
function formatRunway(balanceUsd, spendUsd) {
  if (balanceUsd === void 0 || spendUsd === void 0) return UNKNOWN
  if (balanceUsd <= 0) return 'empty'
  if (spendUsd === 0) return 'no spend'
  const hours = (balanceUsd / spendUsd) * 24
  if (hours < 1) return 'under 1 h'
  if (hours < 72) return `${Math.floor(hours)} h`
  return hours < 24 * 1e3 ? `${Math.floor(hours / 24)} d` : 'over 1000 d'
}
/** To the cent, and finer below a dollar. */
function formatUsd(usd) {
  if (usd === void 0) return UNKNOWN
  const digits = {
    minimumFractionDigits: 2,
    maximumFractionDigits: Math.abs(usd) < 1 ? 4 : 2,
  }
  const text = `$${Math.abs(usd).toLocaleString('en-US', digits)}`
  return usd < 0 ? `-${text}` : text
}
function formatFlag(value, yes, no) {
  if (value === void 0) return UNKNOWN
  return value ? yes : no
}
//#endregion
//#region src/exporter/http-server.ts
/** A small HTTP server: fixed paths, GET only. */
/** Listens. Rejects with the system's error when it cannot. */
async function serveHttp(host, port, routes) {
  const server = (0, node_http.createServer)((request, response) => {
    const path = (request.url ?? '').replace(/\?.*$/s, '')
    const route = Object.hasOwn(routes, path) ? routes[path] : void 0
    if (route === void 0) sendText(response, 404, 'not found\n')
    else if (request.method !== 'GET' && request.method !== 'HEAD') sendText(response, 405, 'GET only\n')
    else route(request, response)
  })
  server.listen({
    host,
    port,
  })
  await (0, node_events.once)(server, 'listening')
  return {
    async close() {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await (0, node_events.once)(server, 'close')
    },
  }
}
function sendText(response, status, text) {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
}
//#endregion
//#region src/exporter/readiness.ts
/**
 * Ready as soon as one account has answered: the others must not take its metrics away from Prometheus. They are
 * named, and their absence is an alert of its own.
 */
function readReadiness(accounts, snapshots) {
  const answered = new Set(
    snapshots.filter((each) => each.updatedTimestampSeconds !== void 0).map(({ account }) => account),
  )
  const missing = accounts.filter((account) => !answered.has(account))
  if (missing.length === 0)
    return {
      status: 200,
      text: 'ready\n',
    }
  const waiting = `no balance yet of ${missing.join(', ')}\n`
  return missing.length < accounts.length
    ? {
        status: 200,
        text: `degraded: ${waiting}`,
      }
    : {
        status: 503,
        text: `not ready: ${waiting}`,
      }
}
//#endregion
//#region src/exporter/serve.ts
/** The exporter at work: polls the accounts and serves what they say until it is stopped. */
/** Listens and polls. Rejects with the system's error when it cannot listen; resolves to what stops it all. */
async function serve({ config, prometheus }) {
  const { host, port, endpoint } = prometheus
  const exporter = new _opentelemetry_exporter_prometheus.PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
  })
  const provider = new _opentelemetry_sdk_metrics.MeterProvider({
    readers: [exporter, ...(await createPushReaders())],
  })
  const watch = require_account_metrics.watchAccounts({
    accounts: config.accounts,
    baseUrl: config.accountBaseUrl,
    balance: config.balance,
    settlement: config.settlement,
    ledger: config.ledger,
    onPoll: (account, poll, errorType) => metrics.polled(account, poll, errorType),
    onLedgerEntry: (entry) => metrics.ledgerEntry(entry),
  })
  const metrics = require_account_metrics.createAccountMetrics(
    provider.getMeter(require_account_metrics.SCOPE_NAME, require_account_metrics.version),
    {
      snapshots: () => watch.snapshots(),
      pendingByAccount: () => watch.settlement.pendingByAccount(),
    },
    { maxModels: config.maxModels },
  )
  const stopWatching = async () => {
    watch.stop()
    await provider.shutdown().catch(() => {})
    metrics.dispose()
  }
  try {
    const names = config.accounts.map(({ name }) => name)
    const server = await serveHttp(host, port, {
      [endpoint]: (request, response) => exporter.getMetricsRequestHandler(request, response),
      '/healthz': (_request, response) => sendText(response, 200, 'ok\n'),
      '/readyz': (_request, response) => {
        const { status, text } = readReadiness(config.balance.enabled ? names : [], watch.snapshots())
        sendText(response, status, text)
      },
    })
    return async () => {
      await server.close()
      await stopWatching()
    }
  } catch (error) {
    await stopWatching()
    throw error
  }
}
/** OTEL_METRICS_EXPORTER=otlp or console, besides the scrape. Their packages are loaded only then. */
async function createPushReaders() {
  const environment = require_account_metrics.resolveSdkEnvironment()
  if (environment.metricExporters.length === 0) return []
  const { createMetricReaders } = await Promise.resolve()
    .then(() => require('./metric-readers-BmbR8rRN.cjs'))
    .then((n) => n.metric_readers_exports)
  return [...createMetricReaders(false, environment).all]
}
//#endregion
//#region src/exporter.ts
/** The bin `aimlapi-exporter`: the account metrics of one or more accounts, in a process of their own. */
async function main(words) {
  const invocation = readInvocation(words, process.env)
  switch (invocation.command) {
    case 'help':
      process.stdout.write(USAGE)
      return 0
    case 'version':
      process.stdout.write(`${require_account_metrics.version}\n`)
      return 0
    case 'once':
      return printOnce(invocation)
    case 'serve':
      return serveUntilStopped(invocation)
  }
}
async function printOnce({ config, warnings }) {
  for (const warning of warnings) complain(warning)
  const staying = setInterval(() => {}, 6e4)
  const reports = await readReports(config.accounts, config.accountBaseUrl)
  clearInterval(staying)
  process.stdout.write(formatReports(reports))
  return isComplete(reports) ? 0 : 1
}
async function serveUntilStopped(invocation) {
  require_diagnostics.ensureLogger(process.env['OTEL_LOG_LEVEL']?.toUpperCase())
  const { config, prometheus, warnings } = invocation
  for (const warning of warnings) complain(warning)
  const stopped = new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => resolve())
  })
  const { host, port, endpoint } = prometheus
  const stop = await serve(invocation).catch((error) => {
    complain(`cannot listen on ${host}:${port} (${error.code ?? 'unknown error'}); see --host and --port`)
  })
  if (stop === void 0) return 1
  const names = config.accounts.map(({ name }) => name).join(', ')
  process.stdout.write(`aimlapi-exporter: http://${formatHost(host)}:${port}${endpoint} serves ${names}\n`)
  await stopped
  await stop()
  return 0
}
function formatHost(host) {
  return host.includes(':') ? `[${host}]` : host
}
function complain(line) {
  process.stderr.write(`aimlapi-exporter: ${line}\n`)
}
main(process.argv.slice(2))
  .catch((error) => {
    complain(
      error instanceof require_account_metrics.ConfigurationError ? error.message : 'failed unexpectedly',
    )
    return error instanceof require_account_metrics.ConfigurationError ? 2 : 1
  })
  .then((code) => {
    process.exitCode = code
  })
//#endregion
