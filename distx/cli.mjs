#!/usr/bin/env node
import {
  F as engines,
  I as name,
  L as peerDependencies,
  P as dependencies,
  S as resolveConfig,
  _ as accountUrl,
  j as resolveSdkEnvironment,
  p as createClient,
  v as parseBalance,
  y as parseLegacyBalance,
} from './account-metrics-DotbwETn.mjs'
import { t as AimlapiInstrumentation } from './instrumentation-BMXgWTKQ.mjs'
import { createServer, request } from 'node:http'
import { readFileSync, readdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { createServer as createServer$1 } from 'node:net'
//#region src/doctor/account.ts
/** Is there a key, does the API take it, is there money, and do the clocks agree? */
const CLOCK_NAME = 'clock'
/** A `Date` header has a resolution of one second, and travels. */
const TOLERATED_SKEW_MS = 1e4
const KEY_VARIABLE = 'AIMLAPI_API_KEY'
const BALANCE = {
  path: '/v2/billing',
  parse: parseBalance,
}
/** Also says whether the account itself calls its balance low. */
const LEGACY = {
  path: '/v1/billing/balance',
  parse: parseLegacyBalance,
}
/** One check per account, and one of the clock. Asks two account endpoints at most, with each key. */
async function checkAccounts(config) {
  const client = createClient()
  const checks = []
  let skewMs
  try {
    const accounts = config.accounts.length === 0 ? [void 0] : config.accounts
    for (const account of accounts) {
      const { check, skewMs: measured } = await checkAccount(client, config.accountBaseUrl, account)
      checks.push(check)
      skewMs ??= measured
    }
  } finally {
    client.close()
  }
  return [...checks, checkClock(skewMs)]
}
async function checkAccount(client, baseUrl, account) {
  const balance = await ask(client, baseUrl, BALANCE, account)
  const { skewMs, answer } = balance
  if (account === void 0)
    return {
      check: describeNoKey(answer, baseUrl),
      skewMs,
    }
  const name = `account ${account.name}`
  const legacy = await ask(client, baseUrl, LEGACY, account)
  const facts = balance.facts ?? legacy.facts
  return {
    check:
      facts === void 0
        ? describeFailure(name, errorTypeOf(answer), baseUrl)
        : describeBalance(name, facts, legacy.facts?.balanceLow === true),
    skewMs,
  }
}
async function ask(client, baseUrl, { path, parse }, account) {
  const sentMs = Date.now()
  const answer = await client.get(accountUrl(baseUrl, path), account?.apiKey ?? '')
  return {
    answer,
    facts: 'json' in answer ? parse(answer.json) : void 0,
    skewMs: answer.dateMs === void 0 ? void 0 : (sentMs + Date.now()) / 2 - answer.dateMs,
  }
}
function describeBalance(name, { balanceUsd = 0 }, isLow) {
  const said = `the key is accepted, the balance is ${balanceUsd.toFixed(2)} USD`
  const advice = 'Top up, or switch on automatic top-up, on the billing page of the account.'
  if (balanceUsd <= 0)
    return {
      name,
      status: 'failure',
      summary: `${said}: calls are answered with 403`,
      advice,
    }
  if (isLow)
    return {
      name,
      status: 'warning',
      summary: `${said}, which the account calls low`,
      advice,
    }
  return {
    name,
    status: 'ok',
    summary: said,
  }
}
function describeNoKey(answer, baseUrl) {
  const errorType = errorTypeOf(answer)
  if (!/^[1-4]\d\d$/.test(errorType)) return describeFailure('account', errorType, baseUrl)
  return {
    name: 'account',
    status: 'warning',
    summary: `no API key is set; ${baseUrl} answers. Calls are measured, but there is no balance, and costs that a response does not say stay unknown`,
    advice: `Set ${KEY_VARIABLE}.`,
  }
}
function describeFailure(name, errorType, baseUrl) {
  const [summary, advice] = FAILURES[errorType] ?? [
    `${baseUrl} could not be asked for the balance (${errorType})`,
    /^5\d\d$/.test(errorType)
      ? 'The API has a problem of its own. Run the doctor again later.'
      : 'Can this machine reach the API? Look at DNS, firewall and proxy. Account requests do not go through a proxy of the application.',
  ]
  return {
    name,
    status: 'failure',
    summary,
    advice,
  }
}
/** What the API's refusals mean. */
const FAILURES = {
  401: [
    'the API does not know the key (401)',
    `Check ${KEY_VARIABLE}: no quotes, no spaces, not disabled on the page of API keys.`,
  ],
  403: [
    'the key must not read the account (403)',
    'Use a regular API key. Management keys are refused on account endpoints.',
  ],
  429: ['the API asks for patience (429)', 'Run the doctor again in a minute.'],
  unparsable: [
    'the answer is not what the API documents',
    'Is the first URL of AIMLAPI_BASE_URLS the API itself? Account endpoints are asked there.',
  ],
  404: [
    'the address has no account endpoints (404)',
    'Is the first URL of AIMLAPI_BASE_URLS the API itself? Account endpoints are asked there.',
  ],
}
function errorTypeOf(answer) {
  return 'errorType' in answer ? answer.errorType : 'unparsable'
}
function checkClock(skewMs) {
  if (skewMs === void 0)
    return {
      name: CLOCK_NAME,
      status: 'skipped',
      summary: 'the API did not say its time',
    }
  const seconds = Math.round(Math.abs(skewMs) / 1e3)
  if (Math.abs(skewMs) <= TOLERATED_SKEW_MS)
    return {
      name: CLOCK_NAME,
      status: 'ok',
      summary: 'agrees with the clock of the API',
    }
  return {
    name: CLOCK_NAME,
    status: 'warning',
    summary: `is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} the clock of the API`,
    advice:
      'Synchronise it (NTP). Settlement allows for the difference, but times of spans and of alerts are wrong by it.',
  }
}
//#endregion
//#region src/doctor/exporter-port.ts
/** Can the Prometheus exporter listen where it is told to? */
const NAME$4 = 'exporter port'
const TIMEOUT_MS$1 = 2e3
/** A `/metrics` page is small; what is bigger is something else. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024
const PORT_VARIABLE = 'OTEL_EXPORTER_PROMETHEUS_PORT'
async function checkExporterPort(prometheus) {
  if (prometheus === false)
    return {
      name: NAME$4,
      status: 'skipped',
      summary: 'the Prometheus endpoint is switched off',
    }
  const { host, port } = prometheus
  const place = `${host}:${port}`
  const code = await tryToListen(host, port)
  if (code === void 0)
    return {
      name: NAME$4,
      status: 'ok',
      summary: `${place} is free`,
    }
  if (code === 'EADDRINUSE') return describeTaken(prometheus, place)
  return {
    name: NAME$4,
    status: 'failure',
    summary: `cannot listen on ${place} (${code})`,
    advice:
      code === 'EACCES'
        ? `Choose a port above 1023 with ${PORT_VARIABLE}.`
        : 'Choose an address of this machine with OTEL_EXPORTER_PROMETHEUS_HOST, or 0.0.0.0 for all of them.',
  }
}
async function describeTaken(prometheus, place) {
  if (await servesOurMetrics(prometheus))
    return {
      name: NAME$4,
      status: 'ok',
      summary: `${place} serves the metrics of a process that is instrumented already`,
      advice: `A second process on this machine needs a port of its own: set ${PORT_VARIABLE}.`,
    }
  return {
    name: NAME$4,
    status: 'failure',
    summary: `${place} is in use by another process`,
    advice: `Set ${PORT_VARIABLE} to a free port, and scrape that one. The service runs on without metrics until then.`,
  }
}
/** The system's code when it does not work. */
function tryToListen(host, port) {
  return new Promise((resolve) => {
    const server = createServer$1()
    server.once('error', (error) => resolve(error.code ?? 'unknown'))
    server.listen(
      {
        host,
        port,
        exclusive: true,
      },
      () => server.close(() => resolve(void 0)),
    )
  })
}
async function servesOurMetrics({ host, port, endpoint }) {
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  const authority = reachable.includes(':') ? `[${reachable}]` : reachable
  try {
    const response = await fetch(`http://${authority}:${port}${endpoint}`, {
      signal: AbortSignal.timeout(TIMEOUT_MS$1),
    })
    let page = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      page += decoder.decode(chunk, { stream: true })
      if (/^(?:aimlapi_|gen_ai_client_)/m.test(page)) return true
      if (page.length > MAX_PAGE_BYTES) break
    }
  } catch {}
  return false
}
//#endregion
//#region src/doctor/hook-probe.ts
/** Does the hook see a call? One by fetch and one by node:http, to a server of our own on the loopback interface. */
const NAME$3 = 'hook'
const TIMEOUT_MS = 5e3
const MODEL = 'doctor'
const CREDITS = 20
const INPUT_TOKENS = 3
const OUTPUT_TOKENS = 2
/** A chat answer as the API documents it. */
const ANSWER = JSON.stringify({
  id: 'chatcmpl-doctor',
  object: 'chat.completion',
  model: MODEL,
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      message: {
        role: 'assistant',
        content: 'ok',
      },
    },
  ],
  usage: {
    prompt_tokens: INPUT_TOKENS,
    completion_tokens: OUTPUT_TOKENS,
    total_tokens: INPUT_TOKENS + OUTPUT_TOKENS,
  },
  meta: {
    usage: {
      credits_used: CREDITS,
      usd_spent: 1e-5,
    },
  },
})
const BODY = JSON.stringify({
  model: MODEL,
  messages: [],
})
/** The ways a call can go out, by the name shown when it was not seen. */
const TRANSPORTS = {
  fetch: callByFetch,
  'node:http': callByNodeHttp,
}
/** Hooks this process for the time of the probe. Nothing leaves the machine, nothing is exported. */
async function checkHook() {
  const records = []
  const server = await startServer()
  const { port } = server.address()
  const url = `http://127.0.0.1:${port}`
  const instrumentation = new AimlapiInstrumentation({
    baseUrls: [url],
    balance: false,
    settlement: false,
    ledger: false,
    onCall: (record) => void records.push(record),
  })
  const unseen = []
  try {
    for (const [name, call] of Object.entries(TRANSPORTS)) {
      records.length = 0
      await call(url)
      await instrumentation.forceFlush()
      if (!records.some(isWhole)) unseen.push(name)
    }
  } finally {
    await instrumentation.shutdown()
    server.close()
    server.closeAllConnections()
  }
  if (unseen.length === 0)
    return {
      name: NAME$3,
      status: 'ok',
      summary: `saw calls by ${Object.keys(TRANSPORTS).join(' and ')} to a local server, with their tokens and credits`,
    }
  return {
    name: NAME$3,
    status: 'failure',
    summary: `a call by ${unseen.join(' and by ')} to a local server was made, but not seen`,
    advice:
      'If NODE_OPTIONS registers the instrumentation for every process, run the doctor without it: there is one hook per process. Does something replace fetch or node:http (a mock, NODE_USE_ENV_PROXY with a proxy for 127.0.0.1)? Else please report it, with the output of "doctor --json".',
  }
}
function isWhole({ requestModel, usage }) {
  return (
    requestModel === MODEL &&
    usage?.credits === CREDITS &&
    usage.inputTokens === INPUT_TOKENS &&
    usage.outputTokens === OUTPUT_TOKENS
  )
}
async function startServer() {
  const server = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => {
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER)
    })
  })
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return server
}
async function callByFetch(url) {
  await (
    await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: BODY,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  ).text()
}
async function callByNodeHttp(url) {
  await new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      timeout: TIMEOUT_MS,
      agent: false,
    }
    request(`${url}/v1/chat/completions`, options)
      .on('response', (response) => response.resume().on('end', resolve))
      .on('error', reject)
      .end(BODY)
  })
}
//#endregion
//#region src/doctor/installed-packages.ts
/** Where copies of a package lie on disk, as Node.js would find them. Reads directories, loads nothing. */
/** Directories read at most; a monorepo with more than that is searched in part. */
const MAX_DIRECTORIES = 5e4
/** The copy that code in `directory` gets by `import`: the nearest `node_modules` that has it. */
function resolvePackage(name, directory) {
  for (let at = directory; ; at = dirname(at)) {
    const found = readPackage(join(at, 'node_modules', name))
    if (found !== void 0) return found
    if (at === dirname(at)) return void 0
  }
}
/** Every copy of the named packages below `directory`'s `node_modules`, nested ones and pnpm's store included. */
function findCopies(names, directory) {
  const copies = /* @__PURE__ */ new Map()
  const waiting = [join(directory, 'node_modules')]
  for (let read = 0; read < MAX_DIRECTORIES; read++) {
    const modules = waiting.pop()
    if (modules === void 0) break
    const entries = listDirectories(modules)
    if (entries.length === 0) continue
    for (const name of names) {
      const found = readPackage(join(modules, name))
      if (found !== void 0) copies.set(found.directory, found)
    }
    for (const entry of entries)
      if (entry === '.pnpm')
        for (const stored of listDirectories(join(modules, entry)))
          waiting.push(join(modules, entry, stored, 'node_modules'))
      else if (entry.startsWith('@'))
        for (const scoped of listDirectories(join(modules, entry)))
          waiting.push(join(modules, entry, scoped, 'node_modules'))
      else if (!entry.startsWith('.')) waiting.push(join(modules, entry, 'node_modules'))
  }
  return [...copies.values()]
}
/** The package whose root `directory` is. */
function readPackage(directory) {
  try {
    const real = realpathSync(directory)
    const { name, version } = JSON.parse(readFileSync(join(real, 'package.json'), 'utf8'))
    if (typeof name !== 'string' || typeof version !== 'string') return void 0
    return {
      name,
      version,
      directory: real,
    }
  } catch {
    return
  }
}
/** Symbolic links are not followed: what they point to is found where it lies, and loops end. */
function listDirectories(path) {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
  } catch {
    return []
  }
}
//#endregion
//#region src/doctor/version-range.ts
/** Reads `1.2.3`; a pre-release or build part is ignored. `undefined` for anything else. */
function parseVersion(text) {
  const match = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-+].*)?$/.exec(text.trim())
  return match === null ? void 0 : [Number(match[1]), Number(match[2]), Number(match[3])]
}
/** Whether `version` lies in `range`. False for a version or a part of a range that cannot be read. */
function isInRange(version, range) {
  const parsed = parseVersion(version)
  return parsed !== void 0 && range.split('||').some((part) => isInAll(parsed, part.trim()))
}
function isInAll(version, comparators) {
  return comparators
    .replace(/([<>]=?|\^)\s+/g, '$1')
    .split(/\s+/)
    .every((comparator) => satisfies(version, comparator))
}
function satisfies(version, comparator) {
  const match = /^(\^|>=|<)(.+)$/.exec(comparator)
  const bound = parseVersion(match?.[2] ?? '')
  if (match === null || bound === void 0) return false
  const difference = compare(version, bound)
  if (match[1] === '<') return difference < 0
  if (match[1] === '>=' || difference < 0) return difference >= 0
  return version[0] === bound[0] && (bound[0] > 0 || version[1] === bound[1])
}
function compare(a, b) {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}
//#endregion
//#region src/doctor/opentelemetry.ts
/** Do the OpenTelemetry packages fit this one and each other, and is there one copy of each? */
const NAME$2 = 'OpenTelemetry'
const COPIES_NAME = 'one copy each'
const API = '@opentelemetry/api'
/** The packages whose version says it all while everything fits. */
const TELLING = /^(?:api|sdk-node|sdk-metrics) /
const NEEDED = Object.entries({
  ...dependencies,
  ...peerDependencies,
})
/** `ownDirectory`: where this package lies; what it needs is looked up from there, as Node.js does. */
function checkVersions(ownDirectory) {
  const found = NEEDED.map(([name, range]) => ({
    name,
    range,
    installed: resolvePackage(name, ownDirectory),
  }))
  const absent = found.filter(({ installed }) => installed === void 0)
  if (absent.length > 0)
    return failure(`not installed: ${absent.map(({ name }) => name).join(', ')}`, installAdvice(absent))
  const unfit = found.filter(({ installed, range }) => !isInRange(installed?.version ?? '', range))
  if (unfit.length > 0)
    return failure(
      `version not supported: ${unfit.map(({ name, range, installed }) => `${name} ${installed?.version} (needs ${range})`).join(', ')}`,
      installAdvice(unfit),
    )
  const installed = found.flatMap((peer) => peer.installed ?? [])
  const generations = new Set(installed.map(sdkGeneration))
  const said = installed.map(({ name, version }) => `${name.replace('@opentelemetry/', '')} ${version}`)
  if (generations.size > 1)
    return failure(
      `packages of OpenTelemetry SDK 2.x and 3.x are mixed: ${said.join(', ')}`,
      'Install all of one generation. 2.x: api 1.9, sdk-metrics 2.x, 0.2xx of the others. 3.x: api 1.10 or later, sdk-metrics 3.x, 0.3xx of the others.',
    )
  const telling = said.filter((text) => TELLING.test(text))
  return {
    name: NAME$2,
    status: 'ok',
    summary: `SDK ${[...generations].join()}.x: ${telling.join(', ')}`,
  }
}
/** `projectDirectory`: the application, whose whole `node_modules` is searched. */
function checkCopies(projectDirectory) {
  const copies = findCopies([...NEEDED.map(([name]) => name), name], projectDirectory)
  const byName = /* @__PURE__ */ new Map()
  for (const copy of copies) byName.set(copy.name, [...(byName.get(copy.name) ?? []), copy])
  const doubled = [...byName].filter(([, list]) => list.length > 1)
  if (doubled.length === 0)
    return {
      name: COPIES_NAME,
      status: 'ok',
      summary: 'no package is installed twice',
    }
  const said = doubled.map(
    ([name, list]) => `${name} ${list.length} times (${list.map(({ version }) => version).join(', ')})`,
  )
  const advice = `Run "npm ls ${doubled.map(([name]) => name).join(' ')}" to see who brings them, and "npm dedupe", or upgrade those packages to one version.`
  if (new Set((byName.get(API) ?? []).map(({ version }) => minorOf(version))).size > 1)
    return {
      name: COPIES_NAME,
      status: 'failure',
      summary: `${said.join('; ')}. Different versions of ${API} do not share their providers: signals of one of them are lost`,
      advice,
    }
  return {
    name: COPIES_NAME,
    status: 'warning',
    summary: `${said.join('; ')}. Copies cost start-up time and memory, and one that is set up may not be the one that is used`,
    advice,
  }
}
/** SDK 2.x goes with api below 1.10 and with 0.2xx packages; 3.x with api 1.10 and later and with 0.3xx. */
function sdkGeneration({ name, version }) {
  const [major = 0, minor = 0] = parseVersion(version) ?? []
  if (name === API) return minor < 10 ? 2 : 3
  if (major === 0) return minor < 300 ? 2 : 3
  return major < 3 ? 2 : 3
}
function minorOf(version) {
  return version.split('.', 2).join('.')
}
function failure(summary, advice) {
  return {
    name: NAME$2,
    status: 'failure',
    summary,
    advice,
  }
}
function installAdvice(needed) {
  return `Run: npm install ${needed.map(({ name, range }) => `"${name}@${range}"`).join(' ')}`
}
//#endregion
//#region src/doctor/runtime.ts
/** Is this a runtime on which calls can be observed? */
const NAME$1 = 'Node.js'
/** Runtimes that present themselves as Node.js as well, by their key in `process.versions`. */
const OTHERS = {
  bun: 'Bun publishes no diagnostics channel for fetch: only node:http clients are observed. Run the service on Node.js.',
  deno: 'Deno publishes no diagnostics channel for its own fetch: only npm undici and node:http clients are observed. Run the service on Node.js.',
}
function checkRuntime(versions) {
  for (const [runtime, advice] of Object.entries(OTHERS)) {
    const version = versions[runtime]
    if (version !== void 0)
      return {
        name: NAME$1,
        status: 'failure',
        summary: `this is ${runtime} ${version}`,
        advice,
      }
  }
  const version = versions['node'] ?? 'unknown'
  if (isInRange(version, engines.node))
    return {
      name: NAME$1,
      status: 'ok',
      summary: version,
    }
  return {
    name: NAME$1,
    status: 'failure',
    summary: `${version} is not supported`,
    advice: `Use Node.js ${engines.node}.`,
  }
}
//#endregion
//#region src/doctor/settings.ts
/** Do options and environment make sense, and does anything leave the process? */
const NAME = 'configuration'
/** The configuration of the environment, absent when it has a bad value. */
function checkSettings(environment) {
  let config
  try {
    config = resolveConfig({}, environment)
  } catch (error) {
    return {
      check: {
        name: NAME,
        status: 'failure',
        summary: error instanceof Error ? error.message : 'the environment could not be read',
        advice: 'Correct or unset the variable.',
      },
    }
  }
  return {
    check: describe(config, environment),
    config,
  }
}
function describe(config, environment) {
  const { disabled, metricExporters } = resolveSdkEnvironment(environment)
  if (disabled)
    return {
      name: NAME,
      status: 'failure',
      summary: 'OTEL_SDK_DISABLED is true: nothing is started',
      advice: 'Unset OTEL_SDK_DISABLED where you want to measure.',
    }
  const ways = [
    ...(config.prometheus === false
      ? []
      : [`http://${config.prometheus.host}:${config.prometheus.port}${config.prometheus.endpoint}`]),
    ...metricExporters,
  ]
  if (ways.length === 0)
    return {
      name: NAME,
      status: 'warning',
      summary: 'no metric leaves a process that register() sets up: OTEL_METRICS_EXPORTER names no exporter',
      advice:
        'Unset OTEL_METRICS_EXPORTER for a Prometheus endpoint, or set it to "otlp". With a NodeSDK of your own this does not matter.',
    }
  return {
    name: NAME,
    status: 'ok',
    summary: `observes ${observed(config)}; metrics go to ${ways.join(' and ')}`,
  }
}
function observed({ baseUrls }) {
  if (baseUrls === '*') return 'every URL'
  return baseUrls.map(({ origin, pathPrefix }) => origin + pathPrefix).join(', ')
}
//#endregion
//#region src/doctor/diagnose.ts
/** Looks at everything that can keep spend from being shown. Sends the key to the API and nowhere else. */
async function diagnose(options) {
  const { environment, projectDirectory, ownDirectory, versions } = options
  const { check: settings, config } = checkSettings(environment)
  const checks = [
    checkRuntime(versions),
    checkVersions(ownDirectory),
    checkCopies(projectDirectory),
    settings,
  ]
  if (config !== void 0)
    checks.push(
      await checkHook().catch(() => FAILED_PROBE),
      await checkExporterPort(config.prometheus),
      ...(await checkAccounts(config)),
    )
  return {
    ok: checks.every(({ status }) => status !== 'failure'),
    checks,
  }
}
const FAILED_PROBE = {
  name: 'hook',
  status: 'failure',
  summary: 'a call to a local server on 127.0.0.1 failed',
  advice: 'May this process listen on the loopback interface? Does something replace fetch or node:http?',
}
//#endregion
//#region src/doctor/report.ts
const STATUS_WIDTH = 9
function formatDiagnosis({ ok, checks }) {
  const nameWidth = Math.max(...checks.map(({ name }) => name.length)) + 2
  const lines = checks.flatMap((check) => formatCheck(check, nameWidth))
  const failures = checks.filter(({ status }) => status === 'failure').length
  const verdict = ok
    ? 'Nothing is in the way of measuring.'
    : `${failures} ${failures === 1 ? 'thing' : 'things'} to repair.`
  return `${[...lines, '', verdict].join('\n')}\n`
}
function formatCheck({ status, name, summary, advice }, nameWidth) {
  const indent = ' '.repeat(STATUS_WIDTH + nameWidth)
  const line = status.padEnd(STATUS_WIDTH) + name.padEnd(nameWidth) + summary
  return advice === void 0 ? [line] : [line, `${indent}→ ${advice}`]
}
//#endregion
//#region src/cli.ts
/** The command that carries the package's name: `npx opentelemetry-instrumentation-aimlapi doctor`. */
const USAGE = `Usage: opentelemetry-instrumentation-aimlapi <command>

Commands:
  doctor [--json]      Checks everything that can keep spend from being shown, and says what to do.
                       Uses the same environment variables as the service. Exit code 1 when something fails.
  exporter [flags]     The same as aimlapi-exporter; see "exporter --help".

  --help               Shows this.
`
/** Exit codes: 0, 1 when something was found, 2 when the command was not understood. None: a command sets its own. */
async function main(words) {
  const [command, ...rest] = words
  switch (command) {
    case 'doctor':
      return runDoctor(rest)
    case 'exporter':
      process.argv.splice(2, 1)
      await import('./exporter.mjs')
      return
    case '--help':
    case '-h':
    case 'help':
      process.stdout.write(USAGE)
      return 0
    default:
      process.stderr.write(USAGE)
      return 2
  }
}
async function runDoctor(words) {
  const { json, help } = readFlags(words)
  if (help) {
    process.stdout.write(USAGE)
    return 0
  }
  const diagnosis = await diagnose({
    environment: process.env,
    projectDirectory: process.cwd(),
    ownDirectory: dirname(realpathSync(process.argv[1] ?? '.')),
    versions: process.versions,
  })
  process.stdout.write(json ? `${JSON.stringify(diagnosis, void 0, 2)}\n` : formatDiagnosis(diagnosis))
  return diagnosis.ok ? 0 : 1
}
function readFlags(words) {
  const { values } = parseArgs({
    args: [...words],
    options: {
      json: { type: 'boolean' },
      help: {
        type: 'boolean',
        short: 'h',
      },
    },
  })
  return {
    json: values.json === true,
    help: values.help === true,
  }
}
const staying = setInterval(() => {}, 6e4)
main(process.argv.slice(2))
  .catch((error) => {
    process.stderr.write(`${error instanceof Error ? error.message : 'failed'}\n\n${USAGE}`)
    return 2
  })
  .then((code) => {
    clearInterval(staying)
    if (code !== void 0) process.exitCode = code
  })
//#endregion
export {}
