/** Reads the flags of `aimlapi-exporter`; they win over the environment, and this over the defaults. */
import {
  ConfigurationError,
  OPTION_VARIABLES,
  resolveConfig,
  type PrometheusOptions,
  type RegisterOptions,
} from '../config.ts'
import { readFlags } from '../config/flags.ts'
import { readVariable, type Environment } from '../config/values.ts'
import { readAccountsFile } from './accounts-file.ts'

export const USAGE = `Usage: aimlapi-exporter [flags]

Serves the account metrics of AI/ML API (balance, what was charged, spend by key and model, limits, prices, budgets)
for Prometheus.

Accounts come from AIMLAPI_API_KEY, from AIMLAPI_ACCOUNTS (name=key,name=key) or from a file:
  --accounts-file PATH      a JSON array of { "name": …, "apiKey": …, "managementKey": … }, or one name=key per line
With AIMLAPI_MANAGEMENT_KEY (name=key,name=key of several accounts) every key of the account is read. Budgets come from
AIMLAPI_BUDGETS (day=50,month=1000,team:search/day=10).

  --host HOST               address to listen on (OTEL_EXPORTER_PROMETHEUS_HOST, default localhost)
  --port PORT               port to listen on (OTEL_EXPORTER_PROMETHEUS_PORT, default 9464)
  --base-url URL            where the API is (AIMLAPI_BASE_URLS, default https://api.aimlapi.com)
  --balance-interval-ms N   between two polls of the balance (AIMLAPI_BALANCE_INTERVAL_MS, default 60000)
  --usage-interval-ms N     between two polls of the usage (AIMLAPI_USAGE_INTERVAL_MS, default 60000)
  --no-usage                no spend by key and model, no prices
  --ledger-interval-ms N    between two readings of the ledger (AIMLAPI_LEDGER_INTERVAL_MS, default 60000)
  --no-ledger               do not follow charges and top-ups
  --once                    print balance, runway and the spend of 24 hours and end: 0 when all answered, else 1
  --version, --help

Paths: /metrics; /healthz: the process is up; /readyz: at least one account has a balance. Both say what is behind.
Exit codes: 0 after SIGTERM or SIGINT, 1 when it cannot serve (--once: not all was read), 2 for a mistake in the configuration.
`

export type RunInvocation = Extract<ReturnType<typeof readInvocation>, { config: object }>

const FLAGS = {
  'accounts-file': { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  'base-url': { type: 'string' },
  'balance-interval-ms': { type: 'string' },
  'ledger-interval-ms': { type: 'string' },
  'no-ledger': { type: 'boolean' },
  'usage-interval-ms': { type: 'string' },
  'no-usage': { type: 'boolean' },
  once: { type: 'boolean' },
  version: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const

/** How the options of `register()` are called here, for messages. */
const FLAG_OF_OPTION: Readonly<Record<string, string>> = {
  'prometheus.host': '--host',
  'prometheus.port': '--port',
  baseUrls: '--base-url',
  'balance.intervalMs': '--balance-interval-ms',
  'ledger.intervalMs': '--ledger-interval-ms',
  'usage.intervalMs': '--usage-interval-ms',
  accounts: 'accounts file',
}

/** @throws ConfigurationError with one line that names the flag, variable or file, and never shows a key. */
export function readInvocation(words: readonly string[], environment: Environment) {
  const flags = readFlags(words, FLAGS, '--help')
  if (flags.help === true) return { command: 'help' as const }
  if (flags.version === true) return { command: 'version' as const }
  const file = flags['accounts-file'] === undefined ? undefined : readAccountsFile(flags['accounts-file'])
  /** Unlike in a service, it is on unless something says otherwise. */
  const readPoll = (name: 'usage' | 'ledger') => {
    if (flags[`no-${name}`] === true) return false
    const interval = flags[`${name}-interval-ms`]
    const [variable = ''] = OPTION_VARIABLES[name]
    const isSaid = interval !== undefined || readVariable(environment, variable) !== undefined
    return { intervalMs: readNumber(interval), ...(!isSaid && { enabled: true }) }
  }
  const config = resolveNamed(
    {
      ...(file !== undefined && { accounts: file.accounts as never }),
      ...(flags['base-url'] !== undefined && { baseUrls: [flags['base-url']] }),
      prometheus: { host: flags.host, port: readNumber(flags.port) },
      balance: { intervalMs: readNumber(flags['balance-interval-ms']) },
      usage: readPoll('usage'),
      ledger: readPoll('ledger'),
      settlement: false,
    },
    environment,
  )
  if (config.accounts.length === 0)
    throw new ConfigurationError(
      'no account: set AIMLAPI_API_KEY or AIMLAPI_ACCOUNTS, or use --accounts-file',
    )
  return {
    command: flags.once === true ? ('once' as const) : ('serve' as const),
    config,
    prometheus: config.prometheus as PrometheusOptions,
    /** To be shown before the start. */
    warnings: [...(file?.warning === undefined ? [] : [file.warning]), ...config.warnings],
  }
}

/** Flags are text. What is no number stays text, which `resolveConfig` refuses by the name of its option. */
function readNumber(flag: string | undefined): number | undefined {
  return flag !== undefined && /^\s*\d{1,15}\s*$/.test(flag) ? Number(flag) : (flag as undefined)
}

/** Errors speak of flags where `resolveConfig` speaks of options. */
function resolveNamed(options: RegisterOptions, environment: Environment) {
  try {
    return resolveConfig(options, environment)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const { message } = error
    throw new ConfigurationError(
      message
        .replace(
          /^option "accounts\[(\d+)\][^"]*"/,
          (_all, index) => `accounts file, entry ${Number(index) + 1}`,
        )
        .replace(/^option "([^"]+)"/, (all, option: string) => FLAG_OF_OPTION[option] ?? all),
    )
  }
}
