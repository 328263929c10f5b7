/** The command `spend`: what the accounts have spent, from the API's own usage figures. */
import { ConfigurationError, resolveConfig, type Environment } from '../config.ts'
import { readFlags } from '../config/flags.ts'
import { formatCsv } from './csv.ts'
import { formatFocus } from './focus.ts'
import { readPeriod } from './period.ts'
import { readSpend, type Spend } from './read-spend.ts'
import { GROUPINGS, summarize, type Grouping } from './summary.ts'
import { formatProblem, formatSpend } from './table.ts'

const SPEND_USAGE = `Usage: opentelemetry-instrumentation-aimlapi spend [flags]

What your account has spent, by all programs that used it, from the API's own usage figures. Needs no Prometheus.
Keys come from the same variables as for a service. With AIMLAPI_MANAGEMENT_KEY every key of the account is read,
else the one in AIMLAPI_API_KEY (or those in AIMLAPI_ACCOUNTS).

  --since WHEN         24h, 30d (whole days, today included), today, month, or 2026-11-01; default 30d, at most 92 days
  --until DATE         the last day; default today
  --by WHAT            model (default), day or key
  --tz ZONE            the time zone of days, such as Europe/Berlin; default UTC
  --account NAME       this account only
  --key PREFIX         this key only (its first 8 characters)
  --json, --csv        the same for programs
  --focus              FOCUS 1.2 (FinOps) as CSV: a row for each day, key and model
  --base-url URL       where the API is (AIMLAPI_BASE_URLS, default https://api.aimlapi.com)
  --help

Exit codes: 0 everything was read; 1 something could not be read (it is named); 2 a mistake in the flags or settings.
`

const FLAGS = {
  since: { type: 'string' },
  until: { type: 'string' },
  by: { type: 'string' },
  tz: { type: 'string' },
  account: { type: 'string' },
  key: { type: 'string' },
  json: { type: 'boolean' },
  csv: { type: 'boolean' },
  focus: { type: 'boolean' },
  'base-url': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

type Flags = ReturnType<typeof readFlags<typeof FLAGS>>

const FORMATS = ['json', 'csv', 'focus'] as const

/** Where the command writes. */
export interface SpendOutput {
  /** Writes the report. */
  write(text: string): void
  /** Writes progress and problems, apart from the report. */
  complain(text: string): void
  /** `complain` writes to a terminal: progress is shown. */
  readonly isTerminal: boolean
}

/** Runs the command. @returns the exit code. @throws ConfigurationError for a mistake in the flags or settings. */
export async function runSpend(
  words: readonly string[],
  environment: Environment,
  output: SpendOutput,
): Promise<number> {
  const flags = readFlags(words, FLAGS, 'spend --help')
  if (flags.help === true) {
    output.write(SPEND_USAGE)
    return 0
  }
  const by = readGrouping(flags.by ?? 'model')
  const format = readFormat(FORMATS.filter((name) => flags[name] === true))
  const period = readPeriod({ since: flags.since, until: flags.until, timeZone: flags.tz }, Date.now())
  const config = readAccounts(flags, environment, output)
  const progress = showProgress(output)
  const reading = readSpend({ config, period, keyPrefix: flags.key, onProgress: progress.update })
  const spend = await reading.finally(progress.end)
  requireKey(flags.key, spend)
  output.write(FORMATTERS[format](spend, by))
  if (format !== 'table') for (const problem of spend.problems) output.complain(`${formatProblem(problem)}\n`)
  return spend.problems.length === 0 ? 0 : 1
}

const FORMATTERS: Readonly<
  Record<'table' | (typeof FORMATS)[number], (spend: Spend, by: Grouping) => string>
> = {
  table: formatSpend,
  json: formatJson,
  csv: formatSummaryCsv,
  focus: formatFocus,
}

/** Otherwise a mistyped key would look like one that spent nothing. */
function requireKey(keyPrefix: string | undefined, { keyPrefixes, problems }: Spend): void {
  // An account that did not answer may have it.
  if (keyPrefix === undefined || keyPrefixes.includes(keyPrefix) || problems.length > 0) return
  throw new ConfigurationError(`--key names none of the keys; accepted: ${keyPrefixes.join(', ')}`)
}

function readGrouping(text: string): Grouping {
  const grouping = GROUPINGS.find((name) => name === text)
  if (grouping !== undefined) return grouping
  throw new ConfigurationError(
    `--by is ${JSON.stringify(text.slice(0, 40))}; accepted: ${GROUPINGS.join(', ')}`,
  )
}

function readFormat(chosen: readonly (typeof FORMATS)[number][]): keyof typeof FORMATTERS {
  const [format, ...others] = chosen
  if (others.length > 0)
    throw new ConfigurationError(`--${chosen.join(' and --')} are given together; accepted: one of them`)
  return format ?? 'table'
}

function readAccounts(flags: Flags, environment: Environment, output: SpendOutput) {
  const { account, 'base-url': baseUrl } = flags
  const config = resolveConfig(baseUrl === undefined ? {} : { baseUrls: [baseUrl] }, environment)
  // A key that cannot be one leaves something out, or everything.
  for (const warning of config.warnings) output.complain(`${warning}\n`)
  const names = [...new Set([...config.accounts.map(({ name }) => name), ...config.managementKeys.keys()])]
  if (names.length === 0)
    throw new ConfigurationError('no key: set AIMLAPI_API_KEY, AIMLAPI_ACCOUNTS or AIMLAPI_MANAGEMENT_KEY')
  if (account === undefined) return config
  if (!names.includes(account))
    throw new ConfigurationError(
      `--account is none of the configured accounts; accepted: ${names.join(', ')}`,
    )
  return {
    ...config,
    accounts: config.accounts.filter(({ name }) => name === account),
    managementKeys: new Map([...config.managementKeys].filter(([name]) => name === account)),
  }
}

function formatJson({ period, rows, problems, ownKeyOnly }: Spend, by: Grouping): string {
  const { rows: summed, total } = summarize(rows, by)
  const report = {
    since: new Date(period.startMs).toISOString(),
    until: new Date(period.endMs).toISOString(),
    timeZone: period.timeZone,
    currency: 'USD',
    by,
    total,
    rows: summed.map(({ label, ...figures }) => ({ [by]: label, ...figures })),
    problems,
    ownKeyOnly,
  }
  return `${JSON.stringify(report, undefined, 2)}\n`
}

function formatSummaryCsv({ rows }: Spend, by: Grouping): string {
  const { rows: summed } = summarize(rows, by)
  return formatCsv(
    [by, 'usd', 'share', 'input_tokens', 'output_tokens', 'requests_succeeded', 'requests_failed'],
    summed.map((row) => [
      row.label,
      row.usd,
      row.share,
      row.inputTokens,
      row.outputTokens,
      row.succeeded,
      row.failed,
    ]),
  )
}

/** Shows progress on a terminal after one second, as one line that is rewritten. */
function showProgress(output: SpendOutput) {
  let line = 'Reading from the API'
  let isShown = false
  const show = (): void => {
    if (!output.isTerminal) return
    isShown = true
    output.complain(`\r\u001B[2K${line} …`)
  }
  const timer = setInterval(show, 1000)
  return {
    update(read: number, known: number): void {
      line = `Reading from the API: ${read} of ${known} ${known === 1 ? 'key' : 'keys'}`
      if (isShown) show()
    },
    end(): void {
      clearInterval(timer)
      if (isShown) output.complain('\r\u001B[2K')
    },
  }
}
