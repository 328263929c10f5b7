import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { context, createContextKey, diag } from '@opentelemetry/api'
import { Agent, request } from 'node:http'
import { Agent as Agent$1, request as request$1 } from 'node:https'
import { performance } from 'node:perf_hooks'
//#region src/api/credits.ts
/** The API's own currency: 1 US dollar is 2,000,000 credits (docs.aimlapi.com, FAQ "How can I track my funds"). */
const CREDITS_PER_USD = 2e6
//#endregion
//#region package.json
var name = 'opentelemetry-instrumentation-aimlapi'
var version = '0.1.0'
var dependencies = {
  '@opentelemetry/exporter-metrics-otlp-grpc': '>=0.204.0 <0.400.0',
  '@opentelemetry/exporter-metrics-otlp-http': '>=0.204.0 <0.400.0',
  '@opentelemetry/exporter-metrics-otlp-proto': '>=0.204.0 <0.400.0',
  '@opentelemetry/exporter-prometheus': '>=0.204.0 <0.400.0',
  '@opentelemetry/instrumentation': '>=0.204.0 <0.400.0',
  '@opentelemetry/sdk-metrics': '^2.1.0 || ^3.0.0',
}
var peerDependencies = {
  '@opentelemetry/api': '^1.9.0',
  '@opentelemetry/sdk-node': '>=0.204.0 <0.400.0',
}
var engines = { node: '^20.19.0 || >=22.12.0' }
//#endregion
//#region src/config/errors.ts
/** The one kind of error this library throws, and only while it is being configured. */
/**
 * A bad option or environment variable. The message names it, the value (never one that may hold a key) and
 * what is accepted.
 */
var ConfigurationError = class extends TypeError {
  name = 'ConfigurationError'
}
const MAX_SHOWN = 60
function optionOrigin(name) {
  return `option "${name}"`
}
function environmentOrigin(name) {
  return `environment variable ${name}`
}
/** Throws: `value` is shown, so it must be none that can be a secret. */
function rejectValue(origin, value, accepted) {
  throw new ConfigurationError(`${origin} is ${showValue(value)}; accepted: ${accepted}`)
}
/** Throws without showing the value, for whatever may be a key. */
function rejectSecret(origin, problem, accepted) {
  throw new ConfigurationError(`${origin} ${problem}; accepted: ${accepted}`)
}
function showValue(value) {
  if (typeof value === 'string') return JSON.stringify(shorten(value))
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
function shorten(text) {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}
//#endregion
//#region src/config/values.ts
/** Single values of options and variables: from what was given to what is meant, or a ConfigurationError. */
const TRUE_WORDS = new Set(['true', '1', 'yes', 'on'])
const FALSE_WORDS = new Set(['false', '0', 'no', 'off'])
const BOOLEAN_WORDS = 'true, false (also 1, 0, yes, no, on, off)'
/** A variable's trimmed text. Empty is the same as unset, as the OpenTelemetry specification wants it. */
function readVariable(environment, name) {
  const text = environment[name]?.trim()
  return text === '' ? void 0 : text
}
/** The trimmed, non-empty parts of a comma separated list. */
function splitList(text) {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
function parseBoolean(origin, value) {
  if (typeof value === 'boolean') return value
  const word = typeof value === 'string' ? value.trim().toLowerCase() : void 0
  if (word !== void 0 && TRUE_WORDS.has(word)) return true
  if (word !== void 0 && FALSE_WORDS.has(word)) return false
  return rejectValue(origin, value, BOOLEAN_WORDS)
}
/** A whole number. Text of decimal digits is one too, as variables are text. */
function parseInteger(origin, value, { min, max, unit = '', also = '' }) {
  const number = typeof value === 'string' && /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= min && number <= max)
    return number
  return rejectValue(origin, value, `${also}a whole number from ${min} to ${max}${unit}`)
}
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
/** Throws for a key that is none of `known`: a mistyped option must not be silently without effect. */
function rejectUnknownKeys(given, known, prefix = '') {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue
    const closest = findClosest(key, known)
    const hint = closest === void 0 ? '' : ` Did you mean "${prefix}${closest}"?`
    throw new ConfigurationError(
      `${optionOrigin(prefix + key)} is unknown; accepted: ${known.map((name) => prefix + name).join(', ')}.${hint}`,
    )
  }
}
function findClosest(word, candidates) {
  const best = candidates
    .map((candidate) => ({
      candidate,
      distance: editDistance(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .sort((a, b) => a.distance - b.distance)[0]
  return best !== void 0 && best.distance <= Math.max(2, Math.floor(word.length / 3))
    ? best.candidate
    : void 0
}
/** Levenshtein distance: insertions, deletions and replacements of one character. */
function editDistance(a, b) {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    previous = row
  }
  return previous[b.length] ?? 0
}
//#endregion
//#region src/config/accounts.ts
/** Accounts and their keys. No message here shows a key, nor a name that may be a key in the wrong place. */
/** What the account is called when there is just one. */
const DEFAULT_ACCOUNT_NAME = 'default'
/** Calls whose key is none of the configured ones belong to it, so no account can have the name. */
const FOREIGN_ACCOUNT_NAME = 'other'
const KEY_VARIABLES = ['AIMLAPI_API_KEY', 'AIML_API_KEY', 'AIMLAPI_KEY']
const ACCOUNTS_VARIABLE = 'AIMLAPI_ACCOUNTS'
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} _.:@/-]{0,63}$/u
const NAME_ACCEPTED = `a name of 1 to 64 letters, digits, spaces and _ . : @ / - that begins with a letter or digit, not "${FOREIGN_ACCOUNT_NAME}"`
const KEY = /^[\x21-\x7e]{1,512}$/
const KEY_ACCEPTED = 'an API key: 1 to 512 printable ASCII characters without spaces'
/**
 * The accounts of options and environment: `accounts`, else `apiKey`, else AIMLAPI_ACCOUNTS, else the first key
 * variable that is set. Without any of them none: calls are measured all the same, under the name `default`.
 */
function resolveAccounts(accounts, apiKey, environment) {
  if (accounts !== void 0 && apiKey !== void 0)
    return rejectSecret('options "accounts" and "apiKey"', 'are both given', 'one of the two')
  if (accounts !== void 0) return parseAccountList(accounts)
  if (apiKey !== void 0) return [defaultAccount(optionOrigin('apiKey'), apiKey)]
  const list = readVariable(environment, ACCOUNTS_VARIABLE)
  if (list !== void 0) return parseAccountVariable(list)
  for (const variable of KEY_VARIABLES) {
    const key = readVariable(environment, variable)
    if (key !== void 0) return [defaultAccount(environmentOrigin(variable), key)]
  }
  return []
}
function defaultAccount(origin, apiKey) {
  return {
    name: DEFAULT_ACCOUNT_NAME,
    apiKey: parseKey$1(origin, apiKey),
  }
}
function parseAccountList(accounts) {
  const origin = optionOrigin('accounts')
  if (!Array.isArray(accounts))
    return rejectValue(origin, typeof accounts === 'string' ? '…' : accounts, SHAPE)
  return unique(
    origin,
    accounts.map((account, index) => {
      const at = optionOrigin(`accounts[${index}]`)
      if (!isObject(account)) return rejectSecret(at, 'is not an object', '{ name, apiKey }')
      rejectUnknownKeys(account, ['name', 'apiKey'], `accounts[${index}].`)
      return {
        name: parseName(optionOrigin(`accounts[${index}].name`), account['name']),
        apiKey: parseKey$1(optionOrigin(`accounts[${index}].apiKey`), account['apiKey']),
      }
    }),
  )
}
const SHAPE = 'an array of { name, apiKey }'
function parseAccountVariable(text) {
  const origin = environmentOrigin(ACCOUNTS_VARIABLE)
  const entries = text.split(',')
  if (entries.at(-1)?.trim() === '') entries.pop()
  return unique(
    origin,
    entries.map((entry, index) => {
      const at = `${origin}, entry ${index + 1}`
      const equals = entry.indexOf('=')
      if (equals === -1) return rejectSecret(at, 'has no "="', 'name=key,name=key')
      return {
        name: parseName(at, entry.slice(0, equals)),
        apiKey: parseKey$1(at, entry.slice(equals + 1)),
      }
    }),
  )
}
function parseName(origin, value) {
  const name = typeof value === 'string' ? value.trim() : ''
  if (name === '') return rejectSecret(origin, 'has no account name', NAME_ACCEPTED)
  if (!NAME.test(name)) return rejectSecret(origin, 'has a bad account name (not shown)', NAME_ACCEPTED)
  if (name === 'other') return rejectSecret(origin, `has the reserved name "${name}"`, NAME_ACCEPTED)
  return name
}
function parseKey$1(origin, value) {
  const key = typeof value === 'string' ? value.trim() : ''
  if (key === '') return rejectSecret(origin, 'has no API key', KEY_ACCEPTED)
  if (!KEY.test(key)) return rejectSecret(origin, 'has a bad API key (not shown)', KEY_ACCEPTED)
  return key
}
function unique(origin, accounts) {
  if (accounts.length === 0) rejectSecret(origin, 'has no entry', 'at least one account')
  for (const field of ['name', 'apiKey']) {
    const positions = /* @__PURE__ */ new Map()
    for (const [index, account] of accounts.entries()) {
      const earlier = positions.get(account[field])
      if (earlier !== void 0)
        rejectSecret(
          origin,
          `has the same ${field === 'name' ? 'account name' : 'API key'} in entries ${earlier + 1} and ${index + 1}`,
          'each name and each key once',
        )
      positions.set(account[field], index)
    }
  }
  return accounts
}
//#endregion
//#region src/config/base-urls.ts
/** Base URLs: what traffic is observed, and where the account's own endpoints are. */
const DEFAULT_BASE_URL = 'https://api.aimlapi.com'
const EVERY_URL = '*'
const ACCEPTED = 'http or https URLs without credentials, query and fragment, or "*" for every URL'
const VERSION_SEGMENT = /\/(?:api\/)?v\d+$/
/** `*` anywhere in the list observes every URL; account endpoints are then at the first real URL, or the default. */
function resolveBaseUrls(origin, values) {
  if (values.length === 0) rejectSecret(origin, 'is empty', ACCEPTED)
  const parsed = values.filter((value) => value !== EVERY_URL).map((value) => parseBaseUrl(origin, value))
  const [first] = parsed
  return {
    baseUrls: values.includes(EVERY_URL) ? EVERY_URL : parsed,
    accountBaseUrl: first === void 0 ? DEFAULT_BASE_URL : withoutVersion(first),
  }
}
/**
 * What is left of `path` behind the base URL that covers it: it begins with `/` and keeps its query. `undefined`
 * when none does. A prefix ends at a segment: `/gate` covers `/gate/v1` and `/gate?x`, not `/gateway`. Of
 * several that cover it, the longest counts.
 */
function matchBaseUrl(baseUrls, origin, path) {
  if (baseUrls === EVERY_URL) return path
  let longest = -1
  for (const { origin: known, pathPrefix } of baseUrls)
    if (known === origin && pathPrefix.length > longest && isCovered(path, pathPrefix))
      longest = pathPrefix.length
  if (longest <= 0) return longest === 0 ? path : void 0
  const rest = path.slice(longest)
  return rest.startsWith('/') ? rest : `/${rest}`
}
function isCovered(path, prefix) {
  if (prefix === '') return true
  if (!path.startsWith(prefix)) return false
  const next = path[prefix.length]
  return next === void 0 || next === '/' || next === '?' || next === '#'
}
function parseBaseUrl(origin, value) {
  const url = typeof value === 'string' ? parseUrl(value.trim()) : void 0
  if (url === void 0) return rejectSecret(origin, `has ${showUnparsable(value)}`, ACCEPTED)
  const { protocol, username, password, search, hash, host } = url
  if (protocol !== 'http:' && protocol !== 'https:')
    return rejectSecret(origin, `has a URL with the scheme "${protocol}"`, ACCEPTED)
  if (username !== '' || password !== '')
    return rejectSecret(origin, `has a URL with credentials (host ${host})`, ACCEPTED)
  if (search !== '' || hash !== '')
    return rejectSecret(origin, `has a URL with a query or fragment (host ${host})`, ACCEPTED)
  return {
    origin: url.origin,
    pathPrefix: url.pathname.replace(/\/+$/, ''),
  }
}
function parseUrl(text) {
  return URL.canParse(text) ? new URL(text) : void 0
}
function showUnparsable(value) {
  if (typeof value !== 'string') return `a value that is not text (${typeof value})`
  return `"${value.includes('@') ? '…' : (value.split(/[?#]/, 1)[0] ?? '').slice(0, 60)}", which is not an absolute URL`
}
/** Account endpoints have versions of their own (`/v1/key`, `/v2/billing`): `…/v1`, as SDKs are given it, is too much. */
function withoutVersion({ origin, pathPrefix }) {
  return origin + pathPrefix.replace(VERSION_SEGMENT, '')
}
//#endregion
//#region src/config/options.ts
const OPTIONS = [
  {
    option: 'apiKey',
    environment: KEY_VARIABLES,
    default: 'none',
    meaning:
      'Key for account polling and settlement. Without one, calls are still measured; account metrics are off.',
  },
  {
    option: 'accounts',
    environment: [ACCOUNTS_VARIABLE],
    default: "[{ name: 'default', apiKey }]",
    meaning:
      'Several keys, as `{ name, apiKey }[]` or `name=key,name=key`. A call belongs to the account whose key it sent, else to `other`.',
  },
  {
    option: 'baseUrls',
    environment: ['AIMLAPI_BASE_URLS'],
    default: "['https://api.aimlapi.com']",
    meaning:
      'URLs (origin and optional path prefix) whose traffic is observed; account endpoints are called at the first. `*` observes every URL.',
  },
  {
    option: 'prometheus',
    environment: ['OTEL_EXPORTER_PROMETHEUS_HOST', 'OTEL_EXPORTER_PROMETHEUS_PORT'],
    default: "{ host: 'localhost', port: 9464, endpoint: '/metrics' }",
    meaning:
      '`register()` only. `false`, or `OTEL_METRICS_EXPORTER` without `prometheus` in it, turns it off.',
  },
  {
    option: 'balance',
    environment: ['AIMLAPI_BALANCE_INTERVAL_MS'],
    default: '{ enabled: true, intervalMs: 60_000 }',
    meaning: 'Polling of the balance. `0` or `false` turns it off.',
  },
  {
    option: 'settlement',
    environment: ['AIMLAPI_SETTLEMENT_INTERVAL_MS'],
    default: '{ enabled: true, intervalMs: 60_000, maxPending: 10_000, settleOnShutdown: false }',
    meaning:
      'Looks up the cost of calls whose response did not say it. `settleOnShutdown` makes one last attempt, at most 5 s.',
  },
  {
    option: 'ledger',
    environment: ['AIMLAPI_LEDGER_INTERVAL_MS'],
    default: '{ enabled: false, intervalMs: 60_000 }',
    meaning: "Follows the account's ledger of charges and top-ups. On in `aimlapi-exporter`.",
  },
  {
    option: 'metricTags',
    environment: ['AIMLAPI_METRIC_TAGS'],
    default: '[]',
    meaning: 'Names of spend tags that become metric attributes. All tags go on spans.',
  },
  {
    option: 'maxModels',
    environment: [],
    default: '200',
    meaning: 'Distinct models kept per label; later ones are counted under `other`.',
  },
  {
    option: 'maxTagValues',
    environment: [],
    default: '100',
    meaning: 'Distinct values kept per spend tag; later ones are counted under `other`.',
  },
  {
    option: 'nestHttpSpans',
    environment: ['AIMLAPI_NEST_HTTP_SPANS'],
    default: 'true',
    meaning: 'HTTP client spans of other instrumentations become children of the GenAI span.',
  },
  {
    option: 'onCall',
    environment: [],
    default: 'none',
    meaning:
      '`(record: CallRecord) => void` after each call. What it throws or rejects with is caught and reported once.',
  },
]
//#endregion
//#region src/config/polls.ts
/** Switches and intervals of account polling. */
const DEFAULT_INTERVAL_MS = 6e4
const INTERVAL = {
  min: 100,
  max: 2147483647,
  unit: ' milliseconds',
  also: '0 (off), or ',
}
const POLL_KEYS = ['enabled', 'intervalMs']
const OFF_WORDS = new Set([0, '0', 'false', 'no', 'off'])
/** The poll of a row: the option's own fields, else the variable, else the default. An interval of 0 is "off". */
function resolvePoll(row, given, environment) {
  const { fields } = readPollObject(row, given, POLL_KEYS)
  return mergePoll(row, fields, environment)
}
function resolveSettlement(row, given, environment) {
  const { fields } = readPollObject(row, given, [...POLL_KEYS, 'maxPending', 'settleOnShutdown'])
  const at = (name) => optionOrigin(`${row.option}.${name}`)
  const { maxPending, settleOnShutdown } = fields
  return {
    ...mergePoll(row, fields, environment),
    maxPending:
      maxPending === void 0
        ? 1e4
        : parseInteger(at('maxPending'), maxPending, {
            min: 1,
            max: 1e6,
          }),
    settleOnShutdown:
      settleOnShutdown === void 0 ? false : parseBoolean(at('settleOnShutdown'), settleOnShutdown),
  }
}
function readPollObject(row, given, known) {
  if (given === void 0) return { fields: {} }
  if (typeof given === 'boolean') return { fields: { enabled: given } }
  if (given === 0) return { fields: { enabled: false } }
  if (!isObject(given))
    return rejectValue(optionOrigin(row.option), given, `true, false, 0 or { ${known.join(', ')} }`)
  rejectUnknownKeys(given, known, `${row.option}.`)
  return { fields: given }
}
function mergePoll(row, fields, environment) {
  const { enabled, intervalMs } = fields
  const own =
    intervalMs === void 0 ? void 0 : readInterval(optionOrigin(`${row.option}.intervalMs`), intervalMs)
  const variable = readVariable(environment, row.variable)
  const foreign = variable === void 0 ? void 0 : readInterval(environmentOrigin(row.variable), variable)
  const interval = own ?? foreign
  const isOn = interval === void 0 ? row.enabled : interval > 0
  return {
    enabled: enabled === void 0 ? isOn : parseBoolean(optionOrigin(`${row.option}.enabled`), enabled),
    intervalMs: interval === void 0 || interval === 0 ? DEFAULT_INTERVAL_MS : interval,
  }
}
/** Milliseconds; 0 stands for "off" and its other spellings. */
function readInterval(origin, value) {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value
  return OFF_WORDS.has(word) ? 0 : parseInteger(origin, value, INTERVAL)
}
//#endregion
//#region src/config/sdk-environment.ts
/** What OpenTelemetry's standard variables ask of `register()` when it starts an SDK of its own. */
const NO_EXPORTER = 'none'
const PROMETHEUS = 'prometheus'
/**
 * A signal is exported over OTLP when its exporter variable or one of its endpoint variables says so. Unlike the
 * specification's default, an environment that says nothing exports nothing (Prometheus apart).
 */
function resolveSdkEnvironment(environment = process.env) {
  const disabled = readVariable(environment, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true'
  const metricExportIntervalMs = readMilliseconds(environment, 'OTEL_METRIC_EXPORT_INTERVAL', 6e4)
  const timeoutMs = readMilliseconds(environment, 'OTEL_METRIC_EXPORT_TIMEOUT', 3e4)
  return {
    disabled,
    exportTraces: isExportAsked(environment, 'TRACES'),
    exportLogs: isExportAsked(environment, 'LOGS'),
    metricExporters: metricExporters(environment),
    otlpMetricsProtocol:
      readVariable(environment, 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL') ??
      readVariable(environment, 'OTEL_EXPORTER_OTLP_PROTOCOL') ??
      'http/protobuf',
    metricExportIntervalMs,
    metricExportTimeoutMs: Math.min(timeoutMs, metricExportIntervalMs),
    logLevel: readVariable(environment, 'OTEL_LOG_LEVEL')?.toUpperCase(),
  }
}
/** Whether OTEL_METRICS_EXPORTER leaves room for the Prometheus endpoint: unset, or `prometheus` is among its values. */
function isPrometheusAsked(environment) {
  const exporters = readExporters(environment, 'METRICS')
  return exporters === void 0 || exporters.includes(PROMETHEUS)
}
function metricExporters(environment) {
  const named = readExporters(environment, 'METRICS')
  if (named !== void 0) return named.filter((exporter) => exporter !== PROMETHEUS && exporter !== NO_EXPORTER)
  return hasEndpoint(environment, 'METRICS') ? ['otlp'] : []
}
function isExportAsked(environment, signal) {
  const exporters = readExporters(environment, signal)
  if (exporters !== void 0) return !exporters.includes(NO_EXPORTER)
  return hasEndpoint(environment, signal)
}
function hasEndpoint(environment, signal) {
  return ['OTEL_EXPORTER_OTLP_ENDPOINT', `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`].some(
    (name) => readVariable(environment, name) !== void 0,
  )
}
function readExporters(environment, signal) {
  const text = readVariable(environment, `OTEL_${signal}_EXPORTER`)
  return text === void 0 ? void 0 : splitList(text)
}
/** The specification wants an unusable number to be ignored, not to be an error. */
function readMilliseconds(environment, name, standard) {
  const text = readVariable(environment, name)
  return text !== void 0 && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : standard
}
//#endregion
//#region src/telemetry/names.ts
/**
 * Every telemetry name, unit, description and bucket, once. Instruments, dashboards, rules and the tables of
 * the README are made from here.
 *
 * Own metrics carry the unit's word in the name and an annotation unit (`{credit}`), so that the Prometheus
 * exporter and the OTLP → Prometheus translation spell the same series. The `gen_ai.*` names follow the
 * OpenTelemetry GenAI conventions: 1.41 by default, the rewritten ones (semantic-conventions-genai, 2026-08)
 * with `OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental`.
 */
const SCOPE_NAME = 'opentelemetry-instrumentation-aimlapi'
/** Attribute names, own and borrowed. */
const ATTRIBUTE = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  responseModel: 'gen_ai.response.model',
  responseId: 'gen_ai.response.id',
  finishReasons: 'gen_ai.response.finish_reasons',
  timeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  requestStream: 'gen_ai.request.stream',
  requestMaxTokens: 'gen_ai.request.max_tokens',
  requestTemperature: 'gen_ai.request.temperature',
  requestTopP: 'gen_ai.request.top_p',
  requestTopK: 'gen_ai.request.top_k',
  requestFrequencyPenalty: 'gen_ai.request.frequency_penalty',
  requestPresencePenalty: 'gen_ai.request.presence_penalty',
  requestSeed: 'gen_ai.request.seed',
  requestChoiceCount: 'gen_ai.request.choice.count',
  requestStopSequences: 'gen_ai.request.stop_sequences',
  requestReasoningLevel: 'gen_ai.request.reasoning.level',
  requestEncodingFormats: 'gen_ai.request.encoding_formats',
  embeddingsDimensionCount: 'gen_ai.embeddings.dimension.count',
  outputType: 'gen_ai.output.type',
  tokenType: 'gen_ai.token.type',
  tokenModality: 'gen_ai.token.modality',
  usageInputTokens: 'gen_ai.usage.input_tokens',
  usageOutputTokens: 'gen_ai.usage.output_tokens',
  usageCacheReadInputTokens: 'gen_ai.usage.cache_read.input_tokens',
  /** Conventions up to 1.41. */
  usageCacheCreationInputTokens: 'gen_ai.usage.cache_creation.input_tokens',
  /** The same in the rewritten conventions. */
  usageCacheWriteInputTokens: 'gen_ai.usage.cache_write.input_tokens',
  usageReasoningOutputTokens: 'gen_ai.usage.reasoning.output_tokens',
  usageCostAmount: 'gen_ai.usage.cost.amount',
  usageCostCurrency: 'gen_ai.usage.cost.currency',
  usageCostSource: 'gen_ai.usage.cost.source',
  errorType: 'error.type',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  httpStatus: 'http.response.status_code',
  httpResendCount: 'http.request.resend_count',
  endpoint: 'aimlapi.endpoint',
  account: 'aimlapi.account',
  inferenceId: 'aimlapi.inference.id',
  clientRequestId: 'aimlapi.client_request_id',
  creditsUsed: 'aimlapi.credits.used',
  creditsRefunded: 'aimlapi.credits.refunded',
  costUsd: 'aimlapi.cost.usd',
  usageSource: 'aimlapi.usage.source',
  usageMissing: 'aimlapi.usage.missing',
  tokenDetail: 'aimlapi.token.detail',
  unit: 'aimlapi.unit',
  missingReason: 'reason',
  poll: 'aimlapi.poll',
  retention: 'retention',
  ledgerType: 'aimlapi.ledger.type',
}
/** Spend tags become `aimlapi.tag.<name>`. */
const TAG_PREFIX = 'aimlapi.tag.'
const PROVIDER = 'aimlapi'
/** Stands for every label value past its cap. */
const OVERFLOW_VALUE = 'other'
/** Seconds; GenAI conventions 1.41. */
const DURATION_BUCKETS_SECONDS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
]
/** Tokens; GenAI conventions 1.41. */
const TOKEN_BUCKETS = [
  1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864,
]
const A = ATTRIBUTE
const CALL = [A.operation, A.requestModel, A.endpoint, A.account]
const ACCOUNT = [A.account]
const GEN_AI = [A.operation, A.provider, A.requestModel, A.responseModel, A.serverAddress, A.serverPort]
/** The response's own model is not known while its chunks are still coming. */
const GEN_AI_CHUNK = [A.operation, A.provider, A.requestModel, A.serverAddress, A.serverPort]
/** Metrics of calls and of the account, in the library's own namespace: the same in every mode. */
const METRICS = {
  requests: {
    name: 'aimlapi.requests',
    unit: '{request}',
    kind: 'counter',
    description: 'HTTP attempts to AI/ML API that ended, well or badly.',
    attributes: [...CALL, A.errorType],
  },
  tokens: {
    name: 'aimlapi.tokens',
    unit: '{token}',
    kind: 'counter',
    description: 'Tokens used: input with cached ones, output with reasoning.',
    attributes: [...CALL, A.tokenType, A.usageSource],
  },
  tokenDetails: {
    name: 'aimlapi.tokens.details',
    unit: '{token}',
    kind: 'counter',
    description: 'Parts of the tokens (cached, reasoning, audio, …); already inside aimlapi.tokens.',
    attributes: [...CALL, A.tokenDetail, A.usageSource],
  },
  creditsUsed: {
    name: 'aimlapi.credits.used',
    unit: '{credit}',
    kind: 'counter',
    description: 'Credits that AI/ML API said it charged. 2,000,000 credits are 1 USD.',
    attributes: [...CALL, A.usageSource],
  },
  costUsd: {
    name: 'aimlapi.cost.usd',
    unit: '{USD}',
    kind: 'counter',
    description: 'The same charge in US dollars.',
    attributes: [...CALL, A.usageSource],
  },
  creditsRefunded: {
    name: 'aimlapi.credits.refunded',
    unit: '{credit}',
    kind: 'counter',
    description: 'Credits counted for jobs that failed afterwards; failed jobs are not charged.',
    attributes: CALL,
  },
  units: {
    name: 'aimlapi.units',
    unit: '{unit}',
    kind: 'counter',
    description: 'Images, seconds, characters or pages, as literally reported.',
    attributes: [...CALL, A.unit],
  },
  usageMissing: {
    name: 'aimlapi.usage.missing',
    unit: '{request}',
    kind: 'counter',
    description: 'Calls whose cost will never be known, by reason.',
    attributes: [...CALL, A.missingReason],
  },
  usagePending: {
    name: 'aimlapi.usage.pending',
    unit: '{request}',
    kind: 'gauge',
    description: 'Calls whose cost is still being looked up in the account log.',
    attributes: ACCOUNT,
  },
  balanceCredits: {
    name: 'aimlapi.balance.credits',
    unit: '{credit}',
    kind: 'gauge',
    description: 'Balance of the account.',
    attributes: ACCOUNT,
  },
  balanceUsd: {
    name: 'aimlapi.balance.usd',
    unit: '{USD}',
    kind: 'gauge',
    description: 'Balance of the account.',
    attributes: ACCOUNT,
  },
  balanceLow: {
    name: 'aimlapi.balance.low',
    unit: '',
    kind: 'gauge',
    description: '1 when the account itself says that its balance is low, else 0.',
    attributes: ACCOUNT,
  },
  balanceLowThreshold: {
    name: 'aimlapi.balance.low.threshold.credits',
    unit: '{credit}',
    kind: 'gauge',
    description: 'The balance below which the account calls itself low.',
    attributes: ACCOUNT,
  },
  balanceUpdated: {
    name: 'aimlapi.balance.updated.timestamp.seconds',
    unit: 's',
    kind: 'gauge',
    description: 'When the balance was last answered, in seconds since the epoch.',
    attributes: ACCOUNT,
  },
  autoTopUpEnabled: {
    name: 'aimlapi.autotopup.enabled',
    unit: '',
    kind: 'gauge',
    description: '1 when the account tops itself up, else 0.',
    attributes: ACCOUNT,
  },
  autoTopUpThreshold: {
    name: 'aimlapi.autotopup.threshold.usd',
    unit: '{USD}',
    kind: 'gauge',
    description: 'The balance below which the account tops itself up.',
    attributes: ACCOUNT,
  },
  autoTopUpAmount: {
    name: 'aimlapi.autotopup.amount.usd',
    unit: '{USD}',
    kind: 'gauge',
    description: 'What an automatic top-up adds.',
    attributes: ACCOUNT,
  },
  keyLimit: {
    name: 'aimlapi.key.limit.usd',
    unit: '{USD}',
    kind: 'gauge',
    description: 'Spending limit of the key in use.',
    attributes: [A.account, A.retention],
  },
  keyUsage: {
    name: 'aimlapi.key.usage.usd',
    unit: '{USD}',
    kind: 'gauge',
    description: 'Monthly usage of the key in use.',
    attributes: [A.account, A.retention],
  },
  accountPolls: {
    name: 'aimlapi.account.polls',
    unit: '{poll}',
    kind: 'counter',
    description: "The library's own requests to account endpoints.",
    attributes: [A.account, A.poll, A.errorType],
  },
  ledgerCharged: {
    name: 'aimlapi.ledger.charged.credits',
    unit: '{credit}',
    kind: 'counter',
    description: 'Charges in the account ledger since the start of this process.',
    attributes: [A.account, A.requestModel, A.ledgerType],
  },
  ledgerTopUp: {
    name: 'aimlapi.ledger.topup.credits',
    unit: '{credit}',
    kind: 'counter',
    description: 'Top-ups in the account ledger since the start of this process.',
    attributes: [A.account, A.ledgerType],
  },
}
/** GenAI client metrics of the conventions up to 1.41: the default. */
const GEN_AI_METRICS = {
  tokenUsage: {
    name: 'gen_ai.client.token.usage',
    unit: '{token}',
    kind: 'histogram',
    description: 'Number of input and output tokens used.',
    attributes: [...GEN_AI, A.tokenType],
    buckets: TOKEN_BUCKETS,
  },
  operationDuration: {
    name: 'gen_ai.client.operation.duration',
    unit: 's',
    kind: 'histogram',
    description: 'GenAI operation duration.',
    attributes: [...GEN_AI, A.errorType],
    buckets: DURATION_BUCKETS_SECONDS,
  },
  timeToFirstChunk: {
    name: 'gen_ai.client.operation.time_to_first_chunk',
    unit: 's',
    kind: 'histogram',
    description: 'Time from the request to the first chunk of a streamed response.',
    attributes: GEN_AI,
    buckets: DURATION_BUCKETS_SECONDS,
  },
  timePerOutputChunk: {
    name: 'gen_ai.client.operation.time_per_output_chunk',
    unit: 's',
    kind: 'histogram',
    description: 'Time between the chunks of a streamed response after the first.',
    attributes: GEN_AI_CHUNK,
    buckets: DURATION_BUCKETS_SECONDS,
  },
}
/** The rewritten GenAI client metrics, emitted instead with `gen_ai_latest_experimental`. */
const GEN_AI_LATEST_METRICS = {
  inferenceDuration: {
    name: 'gen_ai.client.inference.duration',
    unit: 's',
    kind: 'histogram',
    description: 'GenAI inference duration.',
    attributes: [...GEN_AI, A.errorType],
    buckets: DURATION_BUCKETS_SECONDS,
  },
  operationDuration: {
    name: 'gen_ai.client.operation.duration',
    unit: 's',
    kind: 'histogram',
    description: 'Duration of GenAI operations other than inference.',
    attributes: [...GEN_AI, A.errorType],
    buckets: DURATION_BUCKETS_SECONDS,
  },
  timeToFirstChunk: {
    name: 'gen_ai.client.inference.time_to_first_chunk',
    unit: 's',
    kind: 'histogram',
    description: 'Time from the request to the first chunk of a streamed response.',
    attributes: GEN_AI,
    buckets: DURATION_BUCKETS_SECONDS,
  },
  timePerOutputChunk: {
    name: 'gen_ai.client.inference.time_per_output_chunk',
    unit: 's',
    kind: 'histogram',
    description: 'Time between the chunks of a streamed response after the first.',
    attributes: GEN_AI_CHUNK,
    buckets: DURATION_BUCKETS_SECONDS,
  },
  inputTokens: {
    name: 'gen_ai.client.inference.usage.input_tokens',
    unit: '{token}',
    kind: 'counter',
    description: 'Input tokens used, cached ones included.',
    attributes: [...GEN_AI, A.tokenModality],
  },
  outputTokens: {
    name: 'gen_ai.client.inference.usage.output_tokens',
    unit: '{token}',
    kind: 'counter',
    description: 'Output tokens used, reasoning included.',
    attributes: [...GEN_AI, A.tokenModality],
  },
  cacheReadInputTokens: {
    name: 'gen_ai.client.inference.usage.cache_read.input_tokens',
    unit: '{token}',
    kind: 'counter',
    description: 'Input tokens read from a cache; inside the input tokens.',
    attributes: [...GEN_AI, A.tokenModality],
  },
  cacheWriteInputTokens: {
    name: 'gen_ai.client.inference.usage.cache_write.input_tokens',
    unit: '{token}',
    kind: 'counter',
    description: 'Input tokens written to a cache; inside the input tokens.',
    attributes: [...GEN_AI, A.tokenModality],
  },
  reasoningOutputTokens: {
    name: 'gen_ai.client.inference.usage.reasoning.output_tokens',
    unit: '{token}',
    kind: 'counter',
    description: 'Output tokens spent on reasoning; inside the output tokens.',
    attributes: [...GEN_AI, A.tokenModality],
  },
  operationInputTokens: {
    name: 'gen_ai.client.inference.operation.input_tokens',
    unit: '{token}',
    kind: 'histogram',
    description: 'Input tokens per operation.',
    attributes: GEN_AI,
    buckets: TOKEN_BUCKETS,
  },
  operationOutputTokens: {
    name: 'gen_ai.client.inference.operation.output_tokens',
    unit: '{token}',
    kind: 'histogram',
    description: 'Output tokens per operation.',
    attributes: GEN_AI,
    buckets: TOKEN_BUCKETS,
  },
}
/** The label name that the Prometheus exporter gives an attribute: every other character becomes `_`. */
function prometheusLabel(attribute) {
  return attribute.replace(/[^A-Za-z0-9_]+/g, '_')
}
//#endregion
//#region src/config.ts
/** Options and environment become one frozen Config. The only place that reads `process.env`, and the only one that throws. */
const OPTION_NAMES = [...OPTIONS.map(({ option }) => option), 'enabled']
const HOST_VARIABLE = 'OTEL_EXPORTER_PROMETHEUS_HOST'
const PORT_VARIABLE = 'OTEL_EXPORTER_PROMETHEUS_PORT'
const BASE_URLS_VARIABLE = 'AIMLAPI_BASE_URLS'
const METRIC_TAGS_VARIABLE = 'AIMLAPI_METRIC_TAGS'
const NEST_VARIABLE = 'AIMLAPI_NEST_HTTP_SPANS'
const CONVENTIONS_VARIABLE = 'OTEL_SEMCONV_STABILITY_OPT_IN'
const LATEST_CONVENTIONS = 'gen_ai_latest_experimental'
const TAG_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/
const MAX_METRIC_TAGS = 10
const CAP = {
  min: 1,
  max: 1e5,
}
/**
 * The configuration that `options` and `environment` give together; an option wins over its variable. Throws a
 * ConfigurationError for a bad value of either and for an option that does not exist.
 */
function resolveConfig(options = {}, environment = process.env) {
  if (!isObject(options)) return rejectValue('the options', options, 'an object, or nothing')
  rejectUnknownKeys(options, OPTION_NAMES)
  const given = options
  const cap = (name, standard) =>
    given[name] === void 0 ? standard : parseInteger(optionOrigin(name), given[name], CAP)
  return deepFreeze({
    accounts: resolveAccounts(given['accounts'], given['apiKey'], environment),
    ...baseUrls(given['baseUrls'], environment),
    prometheus: prometheus(given['prometheus'], environment),
    balance: resolvePoll(
      {
        option: 'balance',
        variable: 'AIMLAPI_BALANCE_INTERVAL_MS',
        enabled: true,
      },
      given['balance'],
      environment,
    ),
    settlement: resolveSettlement(
      {
        option: 'settlement',
        variable: 'AIMLAPI_SETTLEMENT_INTERVAL_MS',
        enabled: true,
      },
      given['settlement'],
      environment,
    ),
    ledger: resolvePoll(
      {
        option: 'ledger',
        variable: 'AIMLAPI_LEDGER_INTERVAL_MS',
        enabled: false,
      },
      given['ledger'],
      environment,
    ),
    metricTags: metricTags(given['metricTags'], environment),
    maxModels: cap('maxModels', 200),
    maxTagValues: cap('maxTagValues', 100),
    nestHttpSpans: nestHttpSpans(given['nestHttpSpans'], environment),
    latestConventions: splitList(readVariable(environment, CONVENTIONS_VARIABLE) ?? '').includes(
      LATEST_CONVENTIONS,
    ),
    onCall: onCall(given['onCall']),
  })
}
function baseUrls(given, environment) {
  if (given !== void 0) {
    const list = typeof given === 'string' ? splitList(given) : given
    if (!Array.isArray(list)) return rejectValue(optionOrigin('baseUrls'), given, 'a URL or an array of URLs')
    return resolveBaseUrls(optionOrigin('baseUrls'), list)
  }
  const variable = readVariable(environment, BASE_URLS_VARIABLE)
  return resolveBaseUrls(
    environmentOrigin(BASE_URLS_VARIABLE),
    splitList(variable ?? 'https://api.aimlapi.com'),
  )
}
function prometheus(given, environment) {
  if (given === false) return false
  if (given === void 0 && !isPrometheusAsked(environment)) return false
  const fields = given === void 0 || given === true ? {} : given
  const names = ['host', 'port', 'endpoint']
  if (!isObject(fields))
    return rejectValue(optionOrigin('prometheus'), given, `true, false or { ${names.join(', ')} }`)
  rejectUnknownKeys(fields, names, 'prometheus.')
  const { host, port, endpoint } = fields
  return {
    host: parseHost(
      ...firstGiven(optionOrigin('prometheus.host'), host, HOST_VARIABLE, environment, 'localhost'),
    ),
    port: parseInteger(
      ...firstGiven(optionOrigin('prometheus.port'), port, PORT_VARIABLE, environment, 9464),
      {
        min: 1,
        max: 65535,
      },
    ),
    endpoint: parseEndpoint(optionOrigin('prometheus.endpoint'), endpoint === void 0 ? '/metrics' : endpoint),
  }
}
/** The option, else the variable, else the default; with the name of where it came from. */
function firstGiven(option, given, variable, environment, standard) {
  return given === void 0
    ? [environmentOrigin(variable), readVariable(environment, variable) ?? standard]
    : [option, given]
}
function parseHost(origin, value) {
  if (typeof value === 'string' && /^[\w.:%-]{1,255}$/.test(value)) return value
  return rejectValue(origin, value, 'a host name or IP address to listen on, such as localhost or 0.0.0.0')
}
function parseEndpoint(origin, value) {
  if (typeof value === 'string' && /^\/?[\w./~-]{1,200}$/.test(value))
    return value.startsWith('/') ? value : `/${value}`
  return rejectValue(origin, value, 'a path such as /metrics')
}
function metricTags(given, environment) {
  const origin = given === void 0 ? environmentOrigin(METRIC_TAGS_VARIABLE) : optionOrigin('metricTags')
  const names = given ?? splitList(readVariable(environment, METRIC_TAGS_VARIABLE) ?? '')
  if (!Array.isArray(names)) return rejectValue(origin, names, 'an array of tag names')
  if (names.length > MAX_METRIC_TAGS)
    return rejectValue(origin, `${names.length} names`, `at most ${MAX_METRIC_TAGS} tag names`)
  const labels = /* @__PURE__ */ new Set()
  for (const name of names) {
    if (typeof name !== 'string' || !TAG_NAME.test(name))
      return rejectValue(
        origin,
        name,
        'names of 1 to 64 letters, digits, "_", "." and "-" that begin with a letter',
      )
    const label = prometheusLabel(name).replace(/_{2,}/g, '_')
    if (labels.has(label))
      return rejectValue(origin, name, `each name once, also in its Prometheus spelling (${label})`)
    labels.add(label)
  }
  return [...names]
}
function nestHttpSpans(given, environment) {
  return parseBoolean(...firstGiven(optionOrigin('nestHttpSpans'), given, NEST_VARIABLE, environment, true))
}
function onCall(given) {
  if (given === void 0 || typeof given === 'function') return given
  return rejectValue(optionOrigin('onCall'), given, 'a function')
}
function deepFreeze(value) {
  for (const part of Object.values(value))
    if (typeof part === 'object' && part !== null && !Object.isFrozen(part)) deepFreeze(part)
  return Object.freeze(value)
}
//#endregion
//#region src/api/account.ts
/** The URL of an account endpoint. `baseUrl`: origin and optional path prefix. */
function accountUrl(baseUrl, path) {
  return baseUrl.replace(/\/+$/, '') + path
}
/** `GET /v2/logs`, newest first. `start` and `end` must be at most 92 days apart. */
function logsPath(window) {
  const { startMs, endMs, limit, offset } = window
  return `/v2/logs?${query({
    start: instant(startMs),
    end: instant(endMs),
    limit,
    offset,
  })}`
}
/** `GET /v2/billing/transactions`, newest first: `from` ≤ created < `to`. A cursor goes on where a page ended. */
function transactionsPath(window) {
  const { fromMs, toMs, limit, cursor } = window
  const range = {
    from: instant(fromMs),
    to: instant(toMs),
    limit,
  }
  return `/v2/billing/transactions?${query(
    cursor === void 0
      ? range
      : {
          ...range,
          cursor,
        },
  )}`
}
/** `GET /v2/usage` of the key that asks, over the last `hours`. */
function usagePath(hours) {
  return `/v2/usage?${query({ period: `${hours}h` })}`
}
const KEY_PATH = '/v1/key'
/** `/v2/billing` and `/v2/billing/detail`: US dollars, the latter with the automatic top-up. */
function parseBalance(json) {
  const body = record(json)
  const usd = money(body['current_balance'], MAX_USD)
  if (usd === void 0 || !isUsd(body)) return void 0
  const topUp = record(body['autotopup_settings'])
  const inUsd = isUsd(topUp)
  return compact({
    balanceUsd: usd,
    balanceCredits: Math.round(usd * CREDITS_PER_USD),
    autoTopUpEnabled: flag(topUp['is_enabled']),
    autoTopUpThresholdUsd: inUsd ? amount(topUp['threshold']) : void 0,
    autoTopUpAmountUsd: inUsd ? amount(topUp['amount']) : void 0,
  })
}
/** `/v1/billing/balance`: credits, and whether the account calls that low. */
function parseLegacyBalance(json) {
  const body = record(json)
  const credits = money(body['balance'], Number.MAX_SAFE_INTEGER)
  if (credits === void 0) return void 0
  return compact({
    balanceCredits: credits,
    balanceUsd: credits / CREDITS_PER_USD,
    balanceLow: flag(body['lowBalance']),
    lowBalanceThresholdCredits: amount(body['lowBalanceThreshold']),
  })
}
/** `/v1/key`: the account's most recently used key, which need not be the one that asked. */
function parseKey(json) {
  const data = record(record(json)['data'])
  const prefix = text(data['prefix'])
  if (prefix === void 0) return void 0
  const limit = record(data['limit'])
  return compact({
    prefix,
    keyLimitUsd: amount(limit['threshold']),
    keyUsageUsd: amount(data['monthly_usage']),
    keyRetention: oneOf(['no_reset', 'day', 'week', 'month'], limit['retention']),
  })
}
/** `/v2/usage`: US dollars spent, and charged requests. */
function parseUsage(json) {
  const body = record(json)
  const spendUsd = amount(body['spend'], MAX_USD)
  if (spendUsd === void 0 || !isUsd(body)) return void 0
  return {
    spendUsd,
    requests: amount(body['requests']) ?? 0,
  }
}
/** One page of `/v2/logs`. */
function parseLogs(json) {
  return parsePage(json, (row) => {
    const createdMs = time(row['created'])
    const cost = parseAmount(row['cost'])
    if (createdMs === void 0 || cost === void 0) return void 0
    const said = record(row['tokens'])
    const [input, output] = [amount(said['input']), amount(said['output'])]
    const billedByTokens = input !== void 0 && output !== void 0 && input + output > 0
    const inferenceId = text(row['inference_id'])
    return compact({
      identity: JSON.stringify([text(row['request_id']), inferenceId, createdMs, text(row['status']), cost]),
      inferenceId,
      clientRequestId: text(row['client_request_id']),
      createdMs,
      cost,
      tokens: billedByTokens
        ? {
            input,
            output,
          }
        : void 0,
    })
  })
}
const DIRECTIONS = new Map([
  ['TOPUP', 'topup'],
  ['CHARGE', 'charge'],
])
/** One page of `/v2/billing/transactions`. */
function parseTransactions(json) {
  const page = parsePage(json, (row) => {
    const createdMs = time(row['created_at'])
    const moved = parseAmount(row['amount'])
    const direction = DIRECTIONS.get(row['direction'])
    if (createdMs === void 0 || moved === void 0 || direction === void 0) return void 0
    const type = text(row['type'])
    const model = text(row['model'])
    return compact({
      identity: JSON.stringify([text(row['reference_id']), type, direction, createdMs, moved, model]),
      createdMs,
      direction,
      type: type !== void 0 && /^[A-Z][A-Z_]{0,39}$/.test(type) ? type : 'other',
      model,
      credits: moved.credits,
    })
  })
  return page?.hasMore === true && page.nextCursor === void 0 ? void 0 : page
}
function parsePage(json, parseRow) {
  const body = record(json)
  const { data } = body
  const pagination = record(body['pagination'])
  const hasMore = flag(pagination['has_more'])
  if (!Array.isArray(data) || hasMore === void 0 || (hasMore && data.length === 0)) return void 0
  const rows = data.map((row) => parseRow(record(row))).filter((row) => row !== void 0)
  return compact({
    rows,
    rowCount: data.length,
    malformed: data.length - rows.length,
    hasMore,
    nextCursor: hasMore ? text(pagination['next_cursor'], 4096) : void 0,
  })
}
/** Credits and US dollars; where only one is readable, the other follows from it. */
function parseAmount(value) {
  const said = record(value)
  const [credits, usd] = [amount(said['credits']), amount(said['usd'], MAX_USD)]
  if (credits !== void 0)
    return {
      credits,
      usd: usd ?? credits / 2e6,
    }
  return usd === void 0
    ? void 0
    : {
        credits: Math.round(usd * CREDITS_PER_USD),
        usd,
      }
}
const NO_FIELDS = {}
function record(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : NO_FIELDS
}
/** More than that would not be exact in credits. */
const MAX_USD = Math.floor(Number.MAX_SAFE_INTEGER / CREDITS_PER_USD)
/** A balance: may be below zero. */
function money(value, limit) {
  return typeof value === 'number' && Math.abs(value) <= limit ? value : void 0
}
function amount(value, limit = Number.MAX_SAFE_INTEGER) {
  const said = money(value, limit)
  return said !== void 0 && said >= 0 ? said : void 0
}
function flag(value) {
  return typeof value === 'boolean' ? value : void 0
}
function text(value, maxLength = 256) {
  return typeof value === 'string' && value !== '' && value.length <= maxLength ? value : void 0
}
function oneOf(words, value) {
  return words.find((word) => word === value)
}
function time(value) {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return void 0
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? void 0 : ms
}
function isUsd(body) {
  return body['currency'] === void 0 || body['currency'] === 'USD'
}
function instant(ms) {
  return new Date(ms).toISOString()
}
function query(parameters) {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
}
/** Without the fields that are not there. */
function compact(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== void 0))
}
//#endregion
//#region src/account/diagnostics.ts
/** Words for the host's diagnostics logger. */
/** Never throws, though a logger of the host may. */
function report(level, message) {
  try {
    diag[level](`aimlapi: ${message}`)
  } catch {}
}
//#endregion
//#region src/account/server-time.ts
/** `Date` has whole seconds, so a smaller difference says nothing. */
const RESOLUTION_MS = 2e3
/** Until the first answer both clocks count as equal; small differences always do. */
function createServerTime() {
  let offsetMs = 0
  return {
    at: (localMs) => localMs + offsetMs,
    observe(dateMs, sentMs, receivedMs) {
      const measuredMs = dateMs - (sentMs + receivedMs) / 2
      const uncertaintyMs = RESOLUTION_MS + Math.abs(receivedMs - sentMs) / 2
      if (Math.abs(measuredMs - offsetMs) <= uncertaintyMs) return
      offsetMs = Math.abs(measuredMs) <= uncertaintyMs ? 0 : measuredMs
    },
  }
}
//#endregion
//#region src/account/account-api.ts
/** One account's own requests: sent with its key, spaced out where pages are read, counted, warned about once. */
const PAGED = new Set(['settlement', 'ledger'])
function createAccountApi(options) {
  const { account, baseUrl, client, clock, pages, onPoll } = options
  const serverTime = createServerTime()
  const warned = /* @__PURE__ */ new Set()
  return {
    ...account,
    serverTime: (localMs) => serverTime.at(localMs),
    async ask({ poll, path, parse, isFlawed }) {
      if (PAGED.has(poll)) await pages.pass()
      const sentMs = clock.now()
      const answer = await client.get(accountUrl(baseUrl, path), account.apiKey)
      if (answer.dateMs !== void 0) serverTime.observe(answer.dateMs, sentMs, clock.now())
      const value = 'json' in answer ? parse(answer.json) : void 0
      if (value !== void 0) {
        onPoll(account.name, poll, isFlawed?.(value) === true ? 'unparsable' : void 0)
        return { value }
      }
      const errorType = 'errorType' in answer ? answer.errorType : 'unparsable'
      onPoll(account.name, poll, errorType)
      report('debug', `account "${account.name}": a request for its ${poll} failed (${errorType})`)
      return {
        ...answer,
        errorType,
      }
    },
    warnRefused(poll, status) {
      const what = status === '401' ? 'the key' : `the key for the ${poll}`
      if (warned.has(what)) return
      warned.add(what)
      report(
        'warn',
        `the API refuses ${what} of account "${account.name}" (HTTP ${status}). What depends on it stays without data; it is tried again every 15 minutes.`,
      )
    },
  }
}
//#endregion
//#region src/account/balance.ts
/** The balance: from the best source that answers, with the account's own low flag from the legacy one. */
const LEGACY = {
  path: '/v1/billing/balance',
  parse: parseLegacyBalance,
}
/** Best first. */
const SOURCES = [
  {
    path: '/v2/billing/detail',
    parse: parseBalance,
  },
  {
    path: '/v2/billing',
    parse: parseBalance,
  },
  LEGACY,
]
/** After a source failed, the next one serves for this long before the better one is tried again. */
const RETRY_BETTER_MS = 15 * 6e4
/** The low flag and its threshold hardly change: asked once in so many intervals. */
const LOW_FLAG_INTERVALS = 10
/** The legacy endpoint is announced to go: once it does not answer it is asked this rarely. */
const RETRY_LEGACY_MS = 360 * 6e4
/** One round of asking for the balance; to be run by a poller. */
function createBalanceRound(options) {
  const { api, intervalMs, clock, onFacts } = options
  let first = 0
  let retryBetterAtMs = 0
  let lowFlagAtMs = 0
  async function ask(source) {
    const reply = await api.ask({
      poll: 'balance',
      ...source,
    })
    return 'value' in reply ? { facts: reply.value } : reply
  }
  async function readBalance() {
    if (clock.monotonicMs() >= retryBetterAtMs) first = 0
    let result = {}
    for (const [index, source] of SOURCES.entries()) {
      if (index < first) continue
      const { facts, ...failure } = await ask(source)
      if (facts !== void 0) {
        if (index > first) retryBetterAtMs = clock.monotonicMs() + RETRY_BETTER_MS
        first = index
        onFacts(facts)
        return { source }
      }
      result = failure
      if (!isSourceAtFault(failure.errorType)) break
    }
    first = 0
    return result
  }
  /** A failure here is no failed balance. */
  async function readLowFlag() {
    if (clock.monotonicMs() < lowFlagAtMs) return
    const { facts } = await ask(LEGACY)
    const { balanceLow, lowBalanceThresholdCredits } = facts ?? {}
    if (facts !== void 0)
      onFacts({
        ...(balanceLow !== void 0 && { balanceLow }),
        ...(lowBalanceThresholdCredits !== void 0 && { lowBalanceThresholdCredits }),
      })
    lowFlagAtMs = clock.monotonicMs() + (facts === void 0 ? RETRY_LEGACY_MS : LOW_FLAG_INTERVALS * intervalMs)
  }
  return async () => {
    const { source, ...result } = await readBalance()
    if (source !== void 0 && source !== LEGACY) await readLowFlag()
    return result
  }
}
/** Whether another endpoint may answer where this one did not: not when the host, the key or the rate is at fault. */
function isSourceAtFault(errorType = '') {
  return errorType === 'unparsable' || (/^[345]\d\d$/.test(errorType) && !/^4(01|29)$/.test(errorType))
}
//#endregion
//#region src/own-traffic.ts
/** Marks the library's own requests, so that nothing observes them: neither its own hooks nor other instrumentations. */
const ownTraffic = new AsyncLocalStorage()
/**
 * The key under which `@opentelemetry/core` looks for suppressed tracing. Context keys are made by name
 * (`Symbol.for`), so this is the same key without a dependency on that package.
 */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
/**
 * Runs `fn` as the library's own: requests made inside are not observed as calls, and tracers of the host's
 * SDK start no recording spans for them and inject no trace headers. Ends with `fn`, also for what awaits it.
 */
function runAsOwnTraffic(fn) {
  return ownTraffic.run(true, () => context.with(context.active().setValue(SUPPRESS_TRACING, true), fn))
}
/** Whether the code that runs now was started by `runAsOwnTraffic`. */
function isOwnTraffic() {
  return ownTraffic.getStore() === true
}
//#endregion
//#region src/account/client.ts
/**
 * One HTTP GET, for the account endpoints only. Over node:http(s) with an agent of its own: nothing that the
 * host sets up for its own traffic (dispatchers, global agents, proxies) is used or changed.
 */
function createClient(options = {}) {
  const { timeoutMs = 1e4, maxSizeBytes = 2 * 1024 * 1024 } = options
  const transports = {
    'http:': {
      request,
      agent: new Agent({ keepAlive: false }),
    },
    'https:': {
      request: request$1,
      agent: new Agent$1({ keepAlive: false }),
    },
  }
  const underWay = /* @__PURE__ */ new Set()
  function get(url, apiKey) {
    return new Promise((resolve) => {
      const abort = new AbortController()
      const settle = (answer) => {
        clearTimeout(timer)
        underWay.delete(settle)
        resolve(answer)
        abort.abort()
      }
      const timer = setTimeout(() => settle({ errorType: 'timeout' }), timeoutMs)
      timer.unref()
      underWay.add(settle)
      try {
        const target = new URL(url)
        const transport = transports[target.protocol]
        const headers = {
          accept: 'application/json',
          'accept-encoding': 'identity',
          authorization: `Bearer ${apiKey}`,
          'user-agent': 'opentelemetry-instrumentation-aimlapi',
        }
        const requestOptions = {
          agent: transport.agent,
          headers,
          signal: abort.signal,
        }
        runAsOwnTraffic(() =>
          transport
            .request(target, requestOptions)
            .on('socket', releaseProcess)
            .on('response', (response) => readAnswer(response, maxSizeBytes, settle))
            .on('error', (error) => settle({ errorType: readErrorType(error) }))
            .end(),
        )
      } catch (error) {
        settle({ errorType: readErrorType(error) })
      }
    })
  }
  return {
    get,
    close() {
      for (const settle of underWay) settle({ errorType: 'aborted' })
    },
  }
}
function readAnswer(response, maxSizeBytes, settle) {
  const head = readHead(response)
  const status = response.statusCode ?? 0
  if (status < 200 || status > 299)
    return settle({
      ...head,
      errorType: String(status),
    })
  const chunks = []
  let sizeBytes = 0
  response.on('data', (chunk) => {
    sizeBytes += chunk.length
    if (sizeBytes > maxSizeBytes)
      settle({
        ...head,
        errorType: 'too_large',
      })
    else chunks.push(chunk)
  })
  response.on('error', (error) =>
    settle({
      ...head,
      errorType: readErrorType(error),
    }),
  )
  response.on('end', () => {
    try {
      settle({
        ...head,
        json: JSON.parse(Buffer.concat(chunks).toString('utf8')),
      })
    } catch {
      settle({
        ...head,
        errorType: 'unparsable',
      })
    }
  })
}
function readHead(response) {
  const { date, 'retry-after': retryAfter } = response.headers
  const dateMs = Date.parse(date ?? '')
  const retryAfterMs = readRetryAfter(retryAfter, dateMs)
  return {
    ...(!Number.isNaN(dateMs) && { dateMs }),
    ...(retryAfterMs !== void 0 && { retryAfterMs }),
  }
}
/** Seconds, or a date (RFC 9110, section 10.2.3), which counts from the server's own clock. */
function readRetryAfter(value, dateMs) {
  if (value === void 0) return void 0
  const delayMs = /^\d+$/.test(value) ? Number(value) * 1e3 : Date.parse(value) - dateMs
  return delayMs >= 0 ? delayMs : void 0
}
/** A system code has few values; a message could say anything. */
function readErrorType(error) {
  const code = error?.code
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,49}$/.test(code) ? code : '_OTHER'
}
/** A socket under way must not keep the process alive. Each attempt to connect has a handle of its own. */
function releaseProcess(socket) {
  const release = () => {
    socket.unref()
  }
  release()
  for (const event of ['connectionAttempt', 'connect', 'secureConnect']) socket.on(event, release)
}
//#endregion
//#region src/account/clock.ts
/** Time and chance for the account room, so that tests can own both. */
/** `setTimeout` fires at once for anything longer. */
const MAX_DELAY_MS = 2 ** 31 - 1
/**
 * The real clock. Its callbacks run in the async context of whoever made it, not of the call that happened to
 * set the timer: a host's request must neither stay in memory until a poll fires nor be that poll's parent.
 */
function createClock() {
  const home = new AsyncResource('AimlapiAccount', { requireManualDestroy: true })
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    after(delayMs, fn) {
      const timer = home.runInAsyncScope(() => setTimeout(fn, Math.min(delayMs, MAX_DELAY_MS)))
      timer.unref()
      return () => clearTimeout(timer)
    },
    random: () => Math.random(),
  }
}
//#endregion
//#region src/account/gate.ts
function createGate(spacingMs, clock) {
  let freeAtMs = 0
  return {
    pass() {
      const nowMs = clock.monotonicMs()
      const atMs = Math.max(nowMs, freeAtMs)
      freeAtMs = atMs + spacingMs
      return atMs === nowMs
        ? Promise.resolve()
        : new Promise((resolve) => {
            clock.after(atMs - nowMs, resolve)
          })
    },
  }
}
//#endregion
//#region src/account/key.ts
/** Limit and usage of the key in use. */
/** The public handle of a key is its first 8 characters. */
const PREFIX_LENGTH = 8
/**
 * One round of asking for the key's settings; to be run by a poller. The endpoint tells of the account's most
 * recently used key, so an answer is taken only when it is about the key that asked.
 */
function createKeyRound(api, onFacts) {
  return async () => {
    const reply = await api.ask({
      poll: 'key',
      path: KEY_PATH,
      parse: parseKey,
    })
    if (!('value' in reply)) return reply
    const { prefix, ...facts } = reply.value
    if (prefix === api.apiKey.slice(0, PREFIX_LENGTH)) onFacts(facts)
    return {}
  }
}
//#endregion
//#region src/account/seen-entries.ts
/** About 200 bytes each. */
const MAX_ENTRIES = 2e4
var SeenEntries = class {
  #seen = /* @__PURE__ */ new Map()
  openWindow() {
    const inWindow = /* @__PURE__ */ new Map()
    return {
      isNew: ({ identity, createdMs }) => {
        const times = (inWindow.get(identity) ?? 0) + 1
        inWindow.set(identity, times)
        const known = this.#seen.get(identity)
        if (known !== void 0 && known.times >= times) return false
        this.#seen.set(identity, {
          times,
          createdMs,
        })
        return true
      },
    }
  }
  /**
   * Forgets entries dated before `beforeMs`, and as many more of the oldest as it takes to stay small. Answers
   * from which time on it still knows everything: what lies before must not be read again.
   */
  forget(beforeMs) {
    for (const [identity, { createdMs }] of this.#seen) if (createdMs < beforeMs) this.#seen.delete(identity)
    if (this.#seen.size <= MAX_ENTRIES) return beforeMs
    const newestFirst = [...this.#seen].sort(([, a], [, b]) => b.createdMs - a.createdMs)
    const knownFromMs = (newestFirst[MAX_ENTRIES]?.[1].createdMs ?? beforeMs) + 1
    for (const [identity, { createdMs }] of newestFirst)
      if (createdMs < knownFromMs) this.#seen.delete(identity)
    return knownFromMs
  }
}
//#endregion
//#region src/account/ledger.ts
/**
 * The account's ledger (`GET /v2/billing/transactions`) as a stream of entries: each one counted once, from
 * the start of this process on. Read in windows, oldest first; the newest stretch is read again every time,
 * because entries land late.
 */
/** The API's largest page. */
const PAGE_SIZE$1 = 100
/** Span of new time in one window, while an outage is caught up. */
const MIN_SPAN_MS = 1e3
const MAX_SPAN_MS = 360 * 6e4
/** One round of reading the ledger up to now; to be run by a poller. */
function createLedgerRound(options) {
  const { api, clock, onEntry, lagMs = 15 * 6e4, maxPages = 400 } = options
  const registeredMs = clock.now()
  const seen = new SeenEntries()
  let spanMs = MAX_SPAN_MS
  /** Server time from which on entries count. Settled by the first window: only an answer tells the server's time. */
  let startMs
  /** Server time up to which the ledger was read. */
  let readUntilMs = 0
  /** Server time before which nothing new can turn up, so that it is not read again. */
  let finalUntilMs = 0
  function tell({ direction, type, model, credits }) {
    onEntry({
      account: api.name,
      direction,
      type,
      credits,
      ...(model !== void 0 && { model }),
    })
  }
  /** Tells the new entries of a window page by page. `whole`: it was read to its end. */
  async function readWindow(fromMs, toMs) {
    const window = seen.openWindow()
    const cursors = /* @__PURE__ */ new Set()
    let cursor
    for (let page = 0; page < maxPages; page += 1) {
      const reply = await api.ask({
        poll: 'ledger',
        path: transactionsPath({
          fromMs,
          toMs,
          limit: PAGE_SIZE$1,
          ...(cursor !== void 0 && { cursor }),
        }),
        parse: parseTransactions,
        isFlawed: ({ malformed }) => malformed > 0,
      })
      if (!('value' in reply)) return reply
      const { rows, nextCursor } = reply.value
      const sinceMs = Math.max(fromMs, startMs ?? api.serverTime(registeredMs))
      for (const row of rows) if (row.createdMs >= sinceMs && window.isNew(row)) tell(row)
      if (nextCursor === void 0) return { whole: true }
      if (cursors.has(nextCursor)) return { errorType: 'unparsable' }
      cursors.add(nextCursor)
      cursor = nextCursor
    }
    return {}
  }
  return async () => {
    for (;;) {
      const serverOffsetMs = api.serverTime(0)
      const nowMs = api.serverTime(clock.now())
      const sinceMs = startMs ?? api.serverTime(registeredMs)
      const fromMs = Math.max(sinceMs, finalUntilMs)
      const toMs = Math.max(fromMs + 1, Math.min(nowMs, Math.max(fromMs, readUntilMs) + spanMs))
      const { whole, ...failure } = await readWindow(fromMs, toMs)
      if (failure.errorType !== void 0) return failure
      if (api.serverTime(0) !== serverOffsetMs) return {}
      if (whole === true) {
        startMs = sinceMs
        readUntilMs = toMs
        finalUntilMs = seen.forget(Math.max(fromMs, Math.min(toMs, nowMs - lagMs)))
        spanMs = Math.min(spanMs * 2, MAX_SPAN_MS)
        if (toMs >= nowMs) return {}
      } else if (spanMs > MIN_SPAN_MS) {
        const newMs = toMs - Math.max(fromMs, readUntilMs)
        spanMs = Math.max(newMs / 2, MIN_SPAN_MS)
      } else return { errorType: 'too_large' }
    }
  }
}
//#endregion
//#region src/account/poller.ts
/** After failures the delay doubles up to this; a refused key is retried this slowly from the first time. */
const MAX_BACKOFF_MS = 15 * 6e4
/** A server cannot silence a poller for longer. */
const MAX_RETRY_AFTER_MS = 60 * 6e4
const SOON_MS = 1e3
const JITTER = 0.1
function createPoller(options) {
  const { intervalMs, clock, round, wanted = () => true, onRefused } = options
  let cancelTimer
  let underWay
  let failures = 0
  let notBeforeMs = 0
  let stopped = false
  function schedule(delayMs) {
    if (stopped || underWay !== void 0) return
    cancelTimer?.()
    cancelTimer = clock.after(delayMs, () => {
      cancelTimer = void 0
      if (wanted()) run()
    })
  }
  function run() {
    underWay ??= round()
      .catch(reportDefect)
      .then((result) => {
        underWay = void 0
        failures = result.errorType === void 0 ? 0 : failures + 1
        if (isRefused(result.errorType)) onRefused?.(result.errorType)
        const delayMs = readDelay(result, failures, intervalMs, clock.random())
        notBeforeMs = clock.monotonicMs() + delayMs
        if (wanted()) schedule(delayMs)
        return result
      })
    return underWay
  }
  return {
    start: () => schedule(clock.random() * Math.min(SOON_MS, intervalMs)),
    wake() {
      if (cancelTimer !== void 0) return
      const backedOffMs = failures > 0 ? notBeforeMs - clock.monotonicMs() : 0
      schedule(Math.max(jittered(intervalMs, clock.random()), backedOffMs))
    },
    async runNow() {
      await underWay
      cancelTimer?.()
      cancelTimer = void 0
      return run()
    },
    stop() {
      stopped = true
      cancelTimer?.()
      cancelTimer = void 0
    },
  }
}
/** Milliseconds until the next round: after `failures` in a row, of which `result` is the last. */
function readDelay(result, failures, intervalMs, random) {
  const { errorType, retryAfterMs = 0 } = result
  if (errorType === void 0) return jittered(intervalMs, random)
  const backoffMs = isRefused(errorType) ? MAX_BACKOFF_MS : intervalMs * 2 ** (failures - 1)
  return Math.max(
    jittered(Math.max(intervalMs, Math.min(backoffMs, MAX_BACKOFF_MS)), random),
    Math.min(retryAfterMs, MAX_RETRY_AFTER_MS),
  )
}
function reportDefect(error) {
  report(
    'error',
    `a round of account polling failed unexpectedly (${error instanceof Error ? error.name : '?'})`,
  )
  return { errorType: '_OTHER' }
}
/** The key was not accepted: trying again soon cannot help. */
function isRefused(errorType) {
  return errorType === '401' || errorType === '403'
}
function jittered(delayMs, random) {
  return delayMs * (1 - JITTER + 2 * JITTER * random)
}
//#endregion
//#region src/account/log-matches.ts
/**
 * Rows with the inference id of a call are that call's; several (a batch, a retry behind the API) are added up.
 * A client request id is weaker, since retries repeat it: rows under it are dealt to the calls nearest in time,
 * and to none when there are more of them than calls. A cost that cannot be told stays missing, it is not guessed.
 */
var LogMatches = class {
  #byInferenceId
  #byClientRequestId
  /** Rows by the id they were found under, then by their own identity. */
  #found = /* @__PURE__ */ new Map()
  constructor(calls) {
    this.#byInferenceId = groupBy(calls, (call) => call.inferenceId)
    this.#byClientRequestId = groupBy(calls, (call) =>
      call.inferenceId === void 0 ? call.clientRequestId : void 0,
    )
  }
  /** Keeps the row if it may be a call's; says whether it may. */
  take(row) {
    const calls = this.#find(row)
    if (calls === void 0) return false
    const rows = this.#found.get(calls) ?? /* @__PURE__ */ new Map()
    this.#found.set(calls, rows.set(row.identity, row))
    return true
  }
  haveAll(wanted) {
    for (const { inferenceId, clientRequestId } of wanted) {
      const calls =
        inferenceId === void 0
          ? this.#byClientRequestId.get(clientRequestId ?? '')
          : this.#byInferenceId.get(inferenceId)
      if (calls === void 0 || !this.#found.has(calls)) return false
    }
    return true
  }
  findings() {
    return [...this.#found].flatMap(([calls, rows]) => deal(calls, [...rows.values()]))
  }
  #find({ inferenceId, clientRequestId }) {
    const own = this.#byInferenceId.get(inferenceId ?? '')
    if (own !== void 0) return own
    const calls = this.#byClientRequestId.get(clientRequestId ?? '')
    return calls?.some((call) => accepts(call, inferenceId)) === true ? calls : void 0
  }
}
/** Rows that were found under one id, one group per generation, to the calls that wait under that id. */
function deal(calls, rows) {
  const groups = [...groupBy(rows, (row) => row.inferenceId ?? row.identity).values()]
  if (groups.length > calls.length) return []
  const waiting = new Set(calls)
  return groups.flatMap((group) => {
    const { createdMs, inferenceId } = group[0]
    const [call] = [...waiting]
      .filter((candidate) => accepts(candidate, inferenceId))
      .sort((a, b) => Math.abs(a.startTimeMs - createdMs) - Math.abs(b.startTimeMs - createdMs))
    if (call === void 0) return []
    waiting.delete(call)
    return [
      {
        call,
        usage: addUp(group),
        ...(inferenceId !== void 0 && { inferenceId }),
      },
    ]
  })
}
function accepts(call, inferenceId) {
  return call.inferenceId !== void 0 || inferenceId === void 0 || call.accepts?.(inferenceId) !== false
}
function addUp(rows) {
  const sum = (read) => rows.reduce((total, row) => total + read(row), 0)
  const cost = {
    credits: sum((row) => row.cost.credits),
    usd: sum((row) => row.cost.usd),
  }
  if (rows.every((row) => row.tokens === void 0)) return cost
  return {
    ...cost,
    inputTokens: sum((row) => row.tokens?.input ?? 0),
    outputTokens: sum((row) => row.tokens?.output ?? 0),
  }
}
function groupBy(items, readKey) {
  const groups = /* @__PURE__ */ new Map()
  for (const item of items) {
    const key = readKey(item)
    if (key === void 0) continue
    const group = groups.get(key)
    if (group === void 0) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}
//#endregion
//#region src/account/log-search.ts
/** Reads a stretch of the account's log and finds the pending calls in it. */
/** The API's largest page. */
const PAGE_SIZE = 100
/** Of one stretch: a log that never ends must not be read for ever. */
const MAX_PAGES = 1e3
/**
 * What the log says of `calls` between two moments. Pages come newest first; reading ends with the stretch, or
 * earlier when every call of `wanted` is found. New rows push older ones onto the next page: a row may be seen
 * twice, and counts once.
 */
async function searchLog(api, stretch, calls, wanted) {
  const matches = new LogMatches(calls)
  let offset = 0
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const reply = await api.ask({
      poll: 'settlement',
      path: logsPath({
        ...stretch,
        limit: PAGE_SIZE,
        offset,
      }),
      parse: parseLogs,
      isFlawed: ({ malformed }) => malformed > 0,
    })
    if (!('value' in reply)) return reply
    const { rows, rowCount, hasMore } = reply.value
    const isLastOurs = rows.map((row) => matches.take(row)).at(-1) ?? false
    if (!hasMore || (!isLastOurs && matches.haveAll(wanted))) return { findings: matches.findings() }
    offset += rowCount
  }
  return { errorType: 'too_large' }
}
//#endregion
//#region src/account/pending-calls.ts
var PendingCalls = class {
  #maxPending
  /** In the order they came: the first is the oldest. */
  #entries = /* @__PURE__ */ new Map()
  #byAccount = /* @__PURE__ */ new Map()
  /** @param maxPending over all accounts; one more and the oldest is lost. */
  constructor(accounts, maxPending) {
    this.#maxPending = maxPending
    for (const account of accounts) this.#byAccount.set(account, /* @__PURE__ */ new Set())
  }
  /**
   * False when the account is unknown or there is no id to look for.
   * @param addedAtMs now, monotonic.
   * @param ageMs how long ago the call began.
   */
  add(call, addedAtMs, ageMs) {
    const ofAccount = this.#byAccount.get(call.account)
    if (ofAccount === void 0 || (call.inferenceId ?? call.clientRequestId) === void 0) return false
    if (this.#entries.has(call)) return true
    const entry = {
      call,
      startedAtMs: addedAtMs - ageMs,
      addedAtMs,
      dueAtMs: addedAtMs,
      searchedUntilMs: Number.NEGATIVE_INFINITY,
    }
    this.#entries.set(call, entry)
    ofAccount.add(entry)
    if (this.#entries.size > this.#maxPending) {
      const [oldest] = this.#entries.keys()
      if (oldest !== void 0) this.#lose(oldest, 'evicted')
    }
    return true
  }
  /** True when it was there. */
  remove(call) {
    const entry = this.#entries.get(call)
    if (entry === void 0) return false
    this.#entries.delete(call)
    this.#byAccount.get(call.account)?.delete(entry)
    return true
  }
  ofAccount(account) {
    return this.#byAccount.get(account) ?? /* @__PURE__ */ new Set()
  }
  counts() {
    return new Map([...this.#byAccount].map(([account, entries]) => [account, entries.size]))
  }
  /** Gives up on calls that were added before `limitMs` (monotonic). */
  expire(limitMs) {
    for (const { call, addedAtMs } of this.#entries.values()) {
      if (addedAtMs > limitMs) break
      this.#lose(call, 'expired')
    }
  }
  /** Gives up on all: nobody will look any more. */
  clear() {
    for (const call of this.#entries.keys()) this.#lose(call, 'evicted')
  }
  #lose(call, reason) {
    if (this.remove(call)) call.lost(reason)
  }
}
//#endregion
//#region src/account/settlement.ts
const HOUR_MS = 60 * 6e4
/** Older calls are given up. */
const MAX_AGE_MS = 24 * HOUR_MS
/** A row may be dated this much before its call began: clocks differ. */
const SKEW_MS = 6e4
/** Rows that are this old are all visible. */
const LAG_MS = HOUR_MS
/** Read in one go, oldest first: a failure loses no more progress than this. Far below the API's 92 days. */
const STRETCH_MS = HOUR_MS / 2
/** A call that was not found is looked for again when it is older by this share of its age. */
const PATIENCE = 0.25
function startSettlement(options) {
  const { apis, intervalMs, maxPending, clock } = options
  const pending = new PendingCalls(
    apis.map(({ name }) => name),
    maxPending,
  )
  let stopped = false
  async function settle(api) {
    const roundAtMs = clock.monotonicMs()
    pending.expire(roundAtMs - MAX_AGE_MS)
    const entries = pending.ofAccount(api.name)
    const due = /* @__PURE__ */ new Map()
    for (const entry of entries) if (entry.dueAtMs <= roundAtMs) due.set(entry.call, entry)
    const serverOffsetMs = api.serverTime(0)
    const nowMs = api.serverTime(clock.now())
    let startMs = earliest(
      [...due.values()].map(({ startedAtMs, searchedUntilMs }) =>
        Math.max(nowMs - (roundAtMs - startedAtMs) - SKEW_MS, searchedUntilMs),
      ),
    )
    const endMs = Math.max(nowMs, startMs + 1)
    while (due.size > 0 && startMs < endMs) {
      const stretch = {
        startMs,
        endMs: Math.min(startMs + STRETCH_MS, endMs),
      }
      const result = await searchLog(
        api,
        stretch,
        [...entries].map(({ call }) => call),
        [...due.keys()],
      )
      if (!('findings' in result)) return result
      for (const { call, usage, inferenceId } of result.findings) {
        due.delete(call)
        if (pending.remove(call)) call.settled(usage, inferenceId)
      }
      if (api.serverTime(0) !== serverOffsetMs) return {}
      const searchedMs = Math.min(stretch.endMs, endMs - LAG_MS)
      for (const entry of due.values()) entry.searchedUntilMs = Math.max(entry.searchedUntilMs, searchedMs)
      startMs = stretch.endMs
    }
    for (const entry of due.values()) entry.dueAtMs = roundAtMs + (roundAtMs - entry.addedAtMs) * PATIENCE
    return {}
  }
  const pollers = /* @__PURE__ */ new Map()
  for (const api of apis) {
    const poller = createPoller({
      intervalMs,
      clock,
      round: () => settle(api),
      wanted: () => pending.ofAccount(api.name).size > 0,
      onRefused: (status) => api.warnRefused('settlement', status),
    })
    pollers.set(api.name, poller)
  }
  return {
    add(call) {
      const ageMs = Math.max(0, clock.now() - call.startTimeMs)
      if (stopped || !pending.add(call, clock.monotonicMs(), ageMs)) return false
      pollers.get(call.account)?.wake()
      return true
    },
    remove(call) {
      pending.remove(call)
    },
    pendingByAccount: () => pending.counts(),
    async flush(timeoutMs) {
      const rounds = apis.flatMap(({ name }) => {
        const entries = pending.ofAccount(name)
        for (const entry of entries) entry.dueAtMs = 0
        return entries.size > 0 ? [pollers.get(name)?.runNow()] : []
      })
      if (rounds.length === 0) return
      const { promise: deadline, timer } = createDeadline(timeoutMs)
      await Promise.race([Promise.all(rounds), deadline])
      clearTimeout(timer)
    },
    stop() {
      stopped = true
      for (const poller of pollers.values()) poller.stop()
      pending.clear()
    },
  }
}
function earliest(times) {
  return times.reduce((first, time) => Math.min(first, time), Number.POSITIVE_INFINITY)
}
function createDeadline(timeoutMs) {
  let timer
  return {
    promise: new Promise((resolve) => {
      timer = setTimeout(resolve, timeoutMs)
    }),
    timer,
  }
}
//#endregion
//#region src/account/watch.ts
const FLUSH_TIMEOUT_MS = 5e3
/** Key limits change by hand and usage by the month. */
const KEY_INTERVALS = 5
/** Watches until `stop()`. Nothing of it keeps the process alive, throws, or is seen as traffic of the host. */
function watchAccounts(options) {
  const { accounts, baseUrl, balance, settlement, ledger, onLedgerEntry } = options
  const { clock = createClock(), pageSpacingMs = 1e3 } = options
  const client = createClient()
  const snapshots = /* @__PURE__ */ new Map()
  const pollers = []
  let stopped = false
  const onPoll = (...asked) => {
    if (!stopped) options.onPoll(...asked)
  }
  function learn(account, facts) {
    snapshots.set(account, {
      ...snapshots.get(account),
      ...facts,
      account,
    })
  }
  function poll(api, kind, intervalMs, round) {
    const onRefused = (status) => api.warnRefused(kind, status)
    const poller = createPoller({
      intervalMs,
      clock,
      round,
      onRefused,
    })
    poller.start()
    pollers.push(poller)
  }
  function watch(api) {
    const onBalance = (facts) =>
      learn(api.name, {
        ...facts,
        ...(facts.balanceUsd !== void 0 && { updatedTimestampSeconds: clock.now() / 1e3 }),
      })
    const onKey = (facts) => learn(api.name, facts)
    if (balance.enabled) {
      const { intervalMs } = balance
      poll(
        api,
        'balance',
        intervalMs,
        createBalanceRound({
          api,
          intervalMs,
          clock,
          onFacts: onBalance,
        }),
      )
      poll(api, 'key', intervalMs * KEY_INTERVALS, createKeyRound(api, onKey))
    }
    if (ledger.enabled)
      poll(
        api,
        'ledger',
        ledger.intervalMs,
        createLedgerRound({
          api,
          clock,
          onEntry: onLedgerEntry,
        }),
      )
  }
  const apis = accounts.map((account) => {
    return createAccountApi({
      account,
      baseUrl,
      client,
      clock,
      pages: createGate(pageSpacingMs, clock),
      onPoll,
    })
  })
  for (const api of apis) watch(api)
  const { intervalMs, maxPending } = settlement
  const settling = startSettlement({
    apis: settlement.enabled ? apis : [],
    intervalMs,
    maxPending,
    clock,
  })
  return {
    snapshots: () => [...snapshots.values()],
    settlement: settling,
    flush: () => settling.flush(FLUSH_TIMEOUT_MS),
    stop() {
      stopped = true
      for (const poller of pollers) poller.stop()
      settling.stop()
      client.close()
    },
  }
}
//#endregion
//#region src/telemetry/cardinality.ts
/** Label values are clean, short and few: whatever the application or the API puts into them. */
const MAX_LENGTH = 128
const MODEL = /^[\p{L}\p{N}#@][\p{L}\p{N}._:/@+~#=,-]{0,127}$/u
const WORD = /^[\w.:-]{1,64}$/
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g
const LONE_SURROGATE = /\p{Surrogate}/gu
/** A model's name. Anything with spaces or line ends is not one: it may be a prompt in the wrong field. */
function cleanModel(raw) {
  return MODEL.test(raw) ? raw : void 0
}
/** An identifier such as an error code. */
function cleanWord(raw) {
  return WORD.test(raw) ? raw : void 0
}
/** Free text of the application (spend tags): at most 128 characters, no control characters, valid Unicode. */
function cleanText(raw) {
  const text = raw.slice(0, MAX_LENGTH).replace(LONE_SURROGATE, '�').replace(CONTROL_CHARACTERS, ' ').trim()
  return text === '' ? void 0 : text
}
/**
 * The distinct values of one label, the first `max` of them. Later ones share `overflow`, so that neither a
 * junk model name in a loop nor a user id in a tag can grow the series of a metric without end.
 */
var LabelValues = class {
  #known = /* @__PURE__ */ new Set()
  #max
  #clean
  #overflow
  constructor(max, clean, overflow = OVERFLOW_VALUE) {
    this.#max = max
    this.#clean = clean
    this.#overflow = overflow
  }
  /** `raw` as this label shows it. */
  admit(raw) {
    if (this.#known.has(raw)) return raw
    const clean = this.#clean(raw)
    if (clean === void 0) return this.#overflow
    if (this.#known.has(clean)) return clean
    if (this.#known.size >= this.#max) return this.#overflow
    this.#known.add(clean)
    return clean
  }
}
/**
 * A cache of at most `2 * max` values, the least recently used go first. Two generations instead of a linked
 * list: a hit costs one look-up and moves nothing.
 */
var BoundedCache = class {
  #max
  #young = /* @__PURE__ */ new Map()
  #old = /* @__PURE__ */ new Map()
  constructor(max) {
    this.#max = max
  }
  get(key) {
    const value = this.#young.get(key)
    if (value !== void 0) return value
    const survivor = this.#old.get(key)
    if (survivor !== void 0) this.set(key, survivor)
    return survivor
  }
  set(key, value) {
    if (this.#young.size >= this.#max) {
      this.#old = this.#young
      this.#young = /* @__PURE__ */ new Map()
    }
    this.#young.set(key, value)
  }
}
//#endregion
//#region src/telemetry/guard.ts
/**
 * Between us and the OpenTelemetry the host installed: its span processors, samplers, exporters, readers and
 * loggers are foreign code, and what they throw must reach neither the application nor our other signals.
 */
/** A reporter that writes the first error of each `where` to `diag`. `where` is one of a few fixed words. */
function createErrorReporter() {
  const reported = /* @__PURE__ */ new Set()
  return (where, error) => {
    if (reported.has(where)) return
    reported.add(where)
    try {
      diag.error(`aimlapi: ${where} threw and was ignored; further ones are not reported`, error)
    } catch {}
  }
}
/** The result of `action`, or `undefined` when it threw, which is reported. */
function guarded(report, where, action) {
  try {
    return action()
  } catch (error) {
    report(where, error)
    return
  }
}
//#endregion
//#region src/telemetry/instruments.ts
const WHERE = 'the meter'
/** The synchronous instrument of a row: a counter or a histogram with the row's own buckets. */
function createRecorder(meter, definition, report) {
  const { name, unit, description, kind, buckets } = definition
  return (
    guarded(report, WHERE, () => {
      if (kind === 'histogram') {
        const advice = buckets === void 0 ? void 0 : { explicitBucketBoundaries: buckets }
        const histogram = meter.createHistogram(name, {
          unit,
          description,
          ...(advice && { advice }),
        })
        return catching(report, (value, attributes) => histogram.record(value, attributes))
      }
      const counter = meter.createCounter(name, {
        unit,
        description,
      })
      return catching(report, (value, attributes) => counter.add(value, attributes))
    }) ?? (() => {})
  )
}
/** A recorder for every row of a table, under the row's own key. With a `buffer`, its counters count there. */
function createRecorders(meter, definitions, report, buffer) {
  return Object.fromEntries(
    Object.entries(definitions).map(([key, definition]) => {
      const record = createRecorder(meter, definition, report)
      return [key, buffer !== void 0 && definition.kind === 'counter' ? buffer.buffer(record) : record]
    }),
  )
}
/** Each measurement is caught on its own: a broken instrument must not take the next ones with it. */
function catching(report, record) {
  return (value, attributes) => {
    try {
      record(value, attributes)
    } catch (error) {
      report(WHERE, error)
    }
  }
}
//#endregion
//#region src/telemetry/account-metrics.ts
const DEFAULT_MAX_MODELS = 200
const MAX_WORDS = 50
/** Field of the snapshot → gauge. An absent field is no sample, never 0. */
const GAUGES = [
  ['balanceCredits', (account) => account.balanceCredits],
  ['balanceUsd', (account) => account.balanceUsd],
  ['balanceLow', (account) => account.balanceLow],
  ['balanceLowThreshold', (account) => account.lowBalanceThresholdCredits],
  ['balanceUpdated', (account) => account.updatedTimestampSeconds],
  ['autoTopUpEnabled', (account) => account.autoTopUpEnabled],
  ['autoTopUpThreshold', (account) => account.autoTopUpThresholdUsd],
  ['autoTopUpAmount', (account) => account.autoTopUpAmountUsd],
  ['keyLimit', (account) => account.keyLimitUsd],
  ['keyUsage', (account) => account.keyUsageUsd],
]
/** Gauges and counters of the accounts behind `source`. Nothing here throws. */
function createAccountMetrics(meter, source, options = {}) {
  const report = options.report ?? createErrorReporter()
  const models = new LabelValues(options.maxModels ?? DEFAULT_MAX_MODELS, cleanModel)
  const words = new LabelValues(MAX_WORDS, cleanWord)
  const errorTypes = new LabelValues(MAX_WORDS, cleanWord, '_OTHER')
  let counters = createCounters(meter, report)
  const beforeCollection = options.beforeCollection ?? (() => {})
  let removeGauges = addGauges(meter, source, words, report, beforeCollection)
  return {
    polled(account, poll, errorType) {
      const error = errorType === void 0 ? void 0 : { [ATTRIBUTE.errorType]: errorTypes.admit(errorType) }
      counters.accountPolls(1, {
        [ATTRIBUTE.account]: account,
        [ATTRIBUTE.poll]: poll,
        ...error,
      })
    },
    ledgerEntry({ account, direction, type, model, credits }) {
      const attributes = {
        [ATTRIBUTE.account]: account,
        [ATTRIBUTE.ledgerType]: words.admit(type),
      }
      if (direction === 'topup') {
        counters.ledgerTopUp(credits, attributes)
        return
      }
      if (model !== void 0) attributes[ATTRIBUTE.requestModel] = models.admit(model)
      counters.ledgerCharged(credits, attributes)
    },
    setMeter(newMeter) {
      removeGauges()
      counters = createCounters(newMeter, report)
      removeGauges = addGauges(newMeter, source, words, report, beforeCollection)
    },
    dispose: () => removeGauges(),
  }
}
function createCounters(meter, report) {
  const { accountPolls, ledgerCharged, ledgerTopUp } = METRICS
  return createRecorders(
    meter,
    {
      accountPolls,
      ledgerCharged,
      ledgerTopUp,
    },
    report,
  )
}
/** One callback for all gauges, so that they show the same moment. Gives back how to remove them. */
function addGauges(meter, source, words, report, beforeCollection) {
  const gauge = (name) => {
    const { unit, description } = METRICS[name]
    return meter.createObservableGauge(METRICS[name].name, {
      unit,
      description,
    })
  }
  return (
    guarded(report, 'the meter', () => {
      const pending = gauge('usagePending')
      const gauges = GAUGES.map(([name, read]) => ({
        read,
        instrument: gauge(name),
        isKey: name.startsWith('key'),
      }))
      const instruments = [pending, ...gauges.map(({ instrument }) => instrument)]
      const observe = (result) => {
        beforeCollection()
        guarded(report, 'observing the accounts', () => {
          for (const [account, calls] of source.pendingByAccount())
            result.observe(pending, calls, { [ATTRIBUTE.account]: account })
          for (const snapshot of source.snapshots()) {
            const attributes = { [ATTRIBUTE.account]: snapshot.account }
            const retention = snapshot.keyRetention
            const keyAttributes =
              retention === void 0
                ? attributes
                : {
                    ...attributes,
                    [ATTRIBUTE.retention]: words.admit(retention),
                  }
            for (const { read, instrument, isKey } of gauges) {
              const value = read(snapshot)
              if (value !== void 0)
                result.observe(instrument, Number(value), isKey ? keyAttributes : attributes)
            }
          }
        })
      }
      meter.addBatchObservableCallback(observe, instruments)
      return () => {
        guarded(report, 'the meter', () => meter.removeBatchObservableCallback(observe, instruments))
      }
    }) ?? (() => {})
  )
}
//#endregion
export {
  TAG_PREFIX as A,
  ATTRIBUTE as C,
  OVERFLOW_VALUE as D,
  METRICS as E,
  engines as F,
  name as I,
  peerDependencies as L,
  matchBaseUrl as M,
  ConfigurationError as N,
  PROVIDER as O,
  dependencies as P,
  version as R,
  resolveConfig as S,
  GEN_AI_METRICS as T,
  accountUrl as _,
  BoundedCache as a,
  parseUsage as b,
  cleanText as c,
  createGate as d,
  createClock as f,
  createAccountApi as g,
  createBalanceRound as h,
  guarded as i,
  resolveSdkEnvironment as j,
  SCOPE_NAME as k,
  cleanWord as l,
  isOwnTraffic as m,
  createRecorders as n,
  LabelValues as o,
  createClient as p,
  createErrorReporter as r,
  cleanModel as s,
  createAccountMetrics as t,
  watchAccounts as u,
  parseBalance as v,
  GEN_AI_LATEST_METRICS as w,
  usagePath as x,
  parseLegacyBalance as y,
  CREDITS_PER_USD as z,
}
