/**
 * `npm run size`: lines of src, all and without comments and blank lines, by what they are for. The first rows are what
 * came after version 0.1.0, in files of its own or as named parts of files that were there before; then everything else:
 * what 0.1.0 did, as it is now. The last row is 0.1.0 itself.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

interface Scope {
  readonly name: string
  /** Files below src. */
  readonly files?: RegExp
  /** Parts of other files: names of declarations, methods, or entries of a table. */
  readonly parts?: Readonly<Record<string, readonly string[]>>
  /** Parts of `files` that 0.1.0 had, in this or another file. */
  readonly before?: Readonly<Record<string, readonly string[]>>
  /** Comments before declarations. */
  readonly comments?: Readonly<Record<string, readonly string[]>>
}

interface Size {
  files: number
  lines: number
  code: number
}

const ROOT = path.resolve(import.meta.dirname, '../../src')
const COMMENT = /^\s*(?:\/\/|\/?\*)/
const COMMENT_OR_BLANK = /^\s*(?:\/\/|\/?\*|$)/

/** In this order: a line belongs to the first scope that names it. */
const SCOPES: readonly Scope[] = [
  {
    name: 'realtime sessions',
    files: /websocket|realtime|open-responses/,
    parts: {
      'telemetry/operations.ts': ['realtime'],
      'traffic/patch.ts': ['overrideMethods'],
      'ports.ts': ['responded', 'connected'],
      'telemetry/names.ts': ['sessionSeconds', 'closeCode', 'conversationId'],
      'telemetry/spans.ts': ['responded', 'RESPONSE_OPERATION'],
      'telemetry/call-metrics.ts': ['connected'],
      'telemetry/call-sink.ts': ['responded', 'connected'],
      'calls/dependencies.ts': ['sessions'],
      'calls/observer.ts': ['beginSession'],
      'types.ts': ['closeCode', 'conversationId'],
      'calls/generation.ts': ['countedApart'],
      'calls/account-finder.ts': ['KEY_SUBPROTOCOL'],
      'traffic/undici.ts': ['handshakes'],
      'traffic/node-http.ts': ['handshakes'],
      'traffic/client-request.ts': ['readUpgrade'],
      'telemetry/gen-ai-metrics.ts': ['SESSION'],
    },
  },
  {
    name: 'keys, usage, prices and charged credits of the account',
    files:
      /^account\/(?:catalogue|charged|key|ledger-pages|non-usage-entries|pollers|proxy|reachability|spend|usage|watch-account\.)|^api\/account-(?:catalogue|keys|usage)|account-gauges|gauge-memory/,
    before: {
      'account/ledger-pages.ts': ['read'],
      'account/watch-account.ts': [
        'AccountPolls',
        'KEY_INTERVALS',
        'learn',
        'askBalance',
        'ledgerRows',
        'readKeys',
      ],
      'telemetry/account-gauges.ts': [
        'AccountSource',
        'Reading',
        'Observe',
        'ACCOUNT_GAUGES',
        'KEY_GAUGES',
        'GaugeName',
        'addAccountGauges',
        'observeAll',
        'observeKeys',
      ],
    },
    parts: {
      'ports.ts': [
        'KeySnapshot',
        'SpendSnapshot',
        'UsageTotals',
        'UsageGrowth',
        'ModelSnapshot',
        'keys',
        'spend',
        'ledgerLagSeconds',
      ],
      'telemetry/names.ts': [
        'keyDisabled',
        'accountCharged',
        'accountUsageUsd',
        'accountUsageTokens',
        'accountUsageRequests',
        'accountSpend',
        'modelTokenPrice',
        'modelShutdown',
        'timeZoneOffset',
        'ledgerLag',
        'KEY_USAGE',
        'PRICE',
        'key',
        'outcome',
        'period',
      ],
      'telemetry/account-metrics.ts': ['charged', 'used'],
      'telemetry/cardinality.ts': ['nameLargest'],
      'account/account-api.ts': [
        'ask',
        'keys',
        'reachability',
        'readPause',
        'noteRate',
        'etag',
        'managementKey',
        'MAX_ATTEMPTS',
        'FIRST_PAUSE_MS',
        'MAX_PAUSE_MS',
        'UNCHANGED',
        'isManaged',
        'variable',
      ],
      'account/watch-accounts.ts': ['models', 'useModel', 'health', 'catalogue'],
      'config/options.ts': ['managementKey', 'usage'],
      'config.ts': ['managementKeys', 'usage'],
      'config/accounts.ts': ['managementKey'],
      'account/poller.ts': ['progressed'],
      'doctor/account.ts': ['describeKeys'],
      'account/gate.ts': ['RECOVERY', 'SLOWEST', 'MAX_HOLD_MS', 'answered', 'refused'],
      'account/client.ts': ['etag'],
      'account-connection.ts': ['AccountDependencies', 'onCharged', 'onUsage', 'models', 'budgets'],
      'api/account.ts': ['LedgerFilter', 'hasReference'],
      'exporter/invocation.ts': ["'usage-interval-ms'", "'no-usage'", "'usage.intervalMs'"],
      'exporter/readiness.ts': ['readHealth', 'formatBehind'],
      'exporter/reports.ts': ['spendOf'],
      'sdk/metric-readers.ts': ['withGaugesThatEnd'],
      'account/clock.ts': ['StoppableClock', 'createStoppableClock'],
      'account/ledger.ts': [
        'noteLag',
        'skipLost',
        'LOST_LAG_MS',
        'FOUND_LAG_MS',
        'MAX_LAG_MS',
        'lagMs',
        'SPAN_PAGES',
        'FRESH_PAGES',
        'MIN_FRESH_MS',
        'rowsPerMs',
        'pagesMs',
        'isLost',
        'lastLagMs',
        'fresh',
      ],
      'connection.ts': ['useModels'],
    },
  },
  { name: 'examples of a record, for the pages of the API', comments: { 'types.ts': ['CallRecord'] } },
  {
    name: 'command spend',
    files: /^spend\/|^closed-pipes/,
    parts: { 'cli.ts': ['spend', 'COMMANDS', 'describeUnknown'] },
  },
  {
    name: 'budgets, tags by themselves, checks of variables',
    files: /^config\/(?:budgets|flags|known|management|process|sdk-problems|tags)|tag-reader/,
    parts: {
      'telemetry/names.ts': ['budget'],
      'config.ts': ['budgets', 'tagsFrom', 'warnings', 'warn'],
      'config/options.ts': ['TagsFromConfig', 'tagsFrom', 'budgets'],
      'config/errors.ts': ['rejectEntry', 'isEnvironmentOrigin'],
      'doctor/settings.ts': ['checkVariables'],
      'config/base-urls.ts': ['vendorUrls'],
      'config/accounts.ts': ['describeUnusableKey'],
    },
  },
  {
    name: 'built-in SDK and its text, ports and exit; other runtimes and versions',
    files:
      /^bundled|^builtin|^hold|^sdk\/(?:logger|metrics-server|port|pull|resource|series|temporality)|^doctor\/otlp|^other-runtimes/,
    before: {
      'sdk/logger.ts': [
        'OWN_LINE',
        'API_GLOBAL',
        'writeAll',
        'writeOwn',
        'createLogger',
        'ensureLogger',
        'currentLogger',
      ],
      'sdk/metrics-server.ts': ['serveMetrics', 'describeListenError', 'PROBLEMS'],
      'sdk/port-occupant.ts': ['TIMEOUT_MS', 'MAX_PAGE_BYTES', 'OUR_METRIC', 'readPage'],
    },
    parts: {
      'traffic/undici-message.ts': ['readNamedHead'],
      'sdk/process-exit.ts': ['finishLimitMs'],
      'sdk/registered.ts': ['prometheusText'],
      'sdk.ts': [
        'EXIT_LIMIT_MS',
        'FLUSH_LIMIT_MS',
        'prometheusText',
        'flushOwn',
        'logStart',
        'logMetrics',
        'readText',
      ],
      'connection.ts': ['createTracerSource'],
      'instrumentation.ts': [
        'instrumentationName',
        'instrumentationVersion',
        'private config',
        'private meterProvider',
        'getMeter',
        'getConfig',
        'setConfig',
        'isEnabled',
      ],
      'sdk/existing-providers.ts': ['ownProviders'],
      'doctor/versions.ts': ['builtIn'],
    },
  },
  {
    name: 'attributes of the rewritten conventions',
    parts: {
      'telemetry/span-attributes.ts': ['MODALITIES', 'putModalities', 'putLatest', 'putCount'],
      'telemetry/names.ts': [
        'usageTextInputTokens',
        'usageImageInputTokens',
        'usageAudioInputTokens',
        'usageTextOutputTokens',
        'usageImageOutputTokens',
        'usageAudioOutputTokens',
        'previousResponseId',
      ],
    },
  },
  {
    name: 'beside SDKs and agents of others',
    parts: {
      'instrumentation.ts': ['followMeter', 'hasGlobalMeterProvider'],
      'config/sdk-environment.ts': [
        'metricsAreOff',
        'hasConfigFile',
        'problems',
        'CONFIG_FILE_VARIABLES',
        'resourceDetectors',
      ],
      'account/client.ts': ['proxy'],
      'doctor/versions.ts': ['SDK_OF_APPLICATION'],
      'traffic/undici-override.ts': ['onQueuedAbort'],
      'calls/deferral.ts': ['AllowedDelay', 'isInTrace', 'startSpan', '#immediate'],
      'telemetry/spans.ts': ['isInTrace'],
      'calls/call.ts': ['isInTrace'],
      'ports.ts': ['isInTrace'],
    },
  },
  {
    name: 'start of the counters, for true spend',
    files: /process-gauges/,
    parts: { 'telemetry/names.ts': ['processStart'], 'exporter/serve.ts': ['removeProcessGauges'] },
  },
  {
    name: 'generations by any id, provisional figures, errors in a 200',
    files: /^calls\/(?:answered|recent-ids|usage-sums)|^api\/(?:stream-end|event-comments)/,
    parts: {
      'telemetry/operations.ts': ['decide', 'tools', 'execute_tool'],
      'telemetry/attributes.ts': ['routedModel', 'ofUsage'],
      'config/base-urls.ts': ['DEFAULT_BASE_URLS'],
      'telemetry/names.ts': ['routedModel', 'upstreamProvider'],
      'ports.ts': ['LoggedCall', 'AnsweredCall', 'answeredBeside', 'hasUnsureIds'],
      'types.ts': ['kind', 'routedModel', 'provider', 'previousResponseId'],
      'calls/accounting.ts': ['unite', '#countProvisional', 'answeredCalls', '#keptResults'],
      'calls/charging.ts': [
        'areResultsPartial',
        'SplitUsage',
        'NO_USAGE',
        'splitFigures',
        'hasUnknownInferenceId',
        'countedOfRow',
        'isRowOfNothing',
        'isUnfinishedRow',
        'DECIDING_MODELS',
        'isRoutersDecision',
        'isRetrievalWithoutId',
        'isUnfinishedJob',
        'withoutZeros',
        'COST',
        'AMOUNTS',
        'withoutTokens',
        'pick',
      ],
      'calls/known-ids.ts': [
        'findInference',
        'rememberAnswer',
        'generationOf',
        'find',
        'Answered',
        'inferences',
        'bodies',
        'MAX_IDS_OF_ONE',
      ],
      'calls/batch-results.ts': [
        'MAX_ITEMS_OF_ALL',
        'BatchResults',
        'KeptResults',
        'joinResults',
        'growthOfBatch',
        'reportResults',
      ],
      'calls/records.ts': ['describeLabels'],
      'api/events.ts': ['ERROR_WORD', '#dropComments'],
      'api/endpoints.ts': ['OTHER_JOB_ID'],
      'api/failure.ts': ['RESULT_KEYS', 'FAILED_WORD', 'isErrorBody', 'isProblem', 'isPresent'],
      'calls/call.ts': ['LEFT'],
      'calls/finished-call.ts': ['isRetrieval'],
      'calls/log-lookup.ts': ['FoundRow', 'rememberAnswered'],
      'calls/generation.ts': [
        'claimItem',
        'createCountedGeneration',
        'rootOf',
        'JOINED',
        'join',
        'Join',
        'KeptGeneration',
        'joinedCredits',
        'claimParts',
        'Parts',
        'provisional',
        'expects',
        'isSettled',
        'idCount',
        'joined',
      ],
      'calls/generations.ts': [
        'identifyRow',
        '#findNamed',
        '#findKnown',
        'UnionListener',
        '#findReplayed',
        '#unite',
        'isUnbilled',
        'ROUTERS',
        'nameRoutedModel',
      ],
      'account/log-matches.ts': [
        'share',
        'rowsOfInferences',
        'answered',
        'answeredBeside',
        'likeliestOf',
        'mayBeUnderClientId',
      ],
      'api/response-facts.ts': [
        'mayBeOfPoll',
        'withoutZero',
        'dropUnfinishedCost',
        'isProvisional',
        'routedModel',
        'requestedModel',
        'threadId',
        'certainty',
        'jobStatusOf',
        'provider',
        'isOver',
        'isLeft',
      ],
      'api/families.ts': [
        'modelKey',
        "endpoint: 'decisions'",
        "operation: 'decide'",
        "outputType: 'json'",
        "paths: { 'POST /decisions'",
        "endpoint: 'tools'",
        "operation: 'tools'",
        'STORED_PART',
        "'GET /chat/completions/",
        "'* /chat/completions/",
        "'POST /completions'",
        "'GET /responses/",
        "'POST /responses/",
        "'* /responses/",
        "'POST /images/variations'",
        "'POST /videos",
        "'GET /videos",
        "'DELETE /videos/",
        "'POST /generate/audio/preprocess'",
        "'POST /audio/",
        "'GET /batches/",
        "'POST /batches/{batch}/cancel'",
        "'POST /tools/",
        "'GET /tools/",
      ],
      'api/body-facts.ts': [
        'answeringModel',
        'requestedModel',
        'threadId',
        'wasCancelled',
        'provider',
        '#documents',
        'end',
        'isList',
        'addDone',
      ],
      'api/cost.ts': ['collectRunCost'],
      'api/statuses.ts': ['TOOL_WORDS', 'isCancelled'],
      'api/response.ts': ["'x-aimlapi-model'", "'x-aimlapi-provider'", 'TEXT_TYPE'],
      'api/response-keys.ts': [
        'ID_KEYS',
        'IDS',
        'collectIds',
        'background',
        'server_side_tool_usage',
        'tool',
        'cost',
        'title',
        'thread_id',
        'data',
      ],
      'api/limits.ts': ['MAX_IDS'],
      'api/request.ts': ['tool', 'previous_response_id', 'previousResponseId'],
      'api/selection.ts': ['SOME'],
      'api/json.ts': ['BEGINS_SOME', 'EMPTY_TEXT'],
      'api/usage.ts': ['addToolCalls'],
      'api/event-scan.ts': ['KEEP_ALIVE', 'FINISHED', 'MAX_SHORT_EVENT_BYTES'],
    },
  },
]
const REST = 'what version 0.1.0 did'
/** Version 0.1.0, as this program counted it. */
const FIRST_VERSION: Size = { files: 134, lines: 12_220, code: 9_419 }

/** As a literal part of a regular expression. */
function escape(name: string): string {
  return name.replace(/[*{}/#]/g, '\\$&')
}

/** Where the comment before `lines[start]` begins; `start` where there is none. */
function commentOf(lines: readonly string[], start: number): number {
  let from = start
  while (from > 0 && COMMENT.test(lines[from - 1] as string)) from -= 1
  return from
}

/** The lines of the declaration, method or entry that begins in `lines[start]`, with the comment before it. */
function spanOf(lines: readonly string[], start: number): readonly [from: number, to: number] {
  const from = commentOf(lines, start)
  const indent = /^ */.exec(lines[start] as string)?.[0] ?? ''
  const isClosed = !/[{([]$|=>?$/.test(lines[start] as string)
  if (isClosed) return [from, start + 1]
  const closing = new RegExp(`^${indent}[})\\]]`)
  let end = start + 1
  // A signature over several lines is closed before its body.
  while (end < lines.length && !(closing.test(lines[end] as string) && !/[{([]$/.test(lines[end] as string)))
    end += 1
  return [from, end + 1]
}

function markParts(
  lines: readonly string[],
  { parts, comments }: Pick<Scope, 'parts' | 'comments'>,
  file: string,
): Set<number> {
  const marked = new Set<number>()
  for (const [name, find] of [
    ...(parts?.[file] ?? []).map((part) => [part, spanOf] as const),
    ...(comments?.[file] ?? []).map(
      (part) => [part, (...at: Parameters<typeof spanOf>) => [commentOf(...at), at[1]]] as const,
    ),
  ]) {
    const begins = new RegExp(
      `^ {0,6}(?:export |async |readonly |static |private |get )*(?:const |let |function |class |interface |type )?${escape(name)}${/\w$/.test(name) ? '\\b' : ''}`,
    )
    const starts = lines.flatMap((line, index) => (begins.test(line) ? [index] : []))
    if (starts.length === 0) throw new Error(`${file} has no part ${name}`)
    for (const start of starts) {
      const [from = 0, to = 0] = find(lines, start)
      for (let index = from; index < to; index += 1) marked.add(index)
    }
  }
  return marked
}

const sums = new Map<string, Size>(
  [...SCOPES.map(({ name }) => name), REST].map((name) => [name, { files: 0, lines: 0, code: 0 }]),
)
function count(name: string, lines: readonly string[], files: number): void {
  const sum = sums.get(name) as Size
  sum.files += files
  sum.lines += lines.length
  sum.code += lines.filter((line) => !COMMENT_OR_BLANK.test(line)).length
}

for (const file of readdirSync(ROOT, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.ts')) continue
  let lines = readFileSync(path.join(ROOT, file), 'utf8').split('\n').slice(0, -1)
  const owner = SCOPES.find(({ files }) => files?.test(file) === true)
  for (const scope of owner === undefined ? SCOPES : []) {
    const marked = markParts(lines, scope, file)
    count(
      scope.name,
      lines.filter((_, index) => marked.has(index)),
      0,
    )
    lines = lines.filter((_, index) => !marked.has(index))
  }
  const before = markParts(lines, { parts: owner?.before ?? {} }, file)
  count(
    REST,
    lines.filter((_, index) => before.has(index)),
    0,
  )
  lines = lines.filter((_, index) => !before.has(index))
  count(owner?.name ?? REST, lines, 1)
}
console.table({ ...Object.fromEntries(sums), 'version 0.1.0 itself': FIRST_VERSION })
