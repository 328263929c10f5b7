/** Options and environment become one frozen Config. */
import { resolveAccounts } from './config/accounts.ts'
import { resolveBudgets } from './config/budgets.ts'
import { resolveBaseUrls } from './config/base-urls.ts'
import { describeUnknownVariables } from './config/known-variables.ts'
import { ConfigurationError, describeKind, optionOrigin, rejectValue } from './config/errors.ts'
import { resolveManagementKeys } from './config/management-keys.ts'
import { OPTION_VARIABLES, type RegisterOptions } from './config/options.ts'
import { resolveMetricTags } from './config/metric-tags.ts'
import { resolvePoll, resolveSettlement } from './config/polls.ts'
import { readProcessEnvironment } from './config/process-environment.ts'
import { resolveSdkEnvironment } from './config/sdk-environment.ts'
import { resolvePrometheus } from './config/prometheus.ts'
import { resolveTagsFrom } from './config/tags-from.ts'
import {
  firstGiven,
  isObject,
  parseBoolean,
  parseInteger,
  readVariable,
  rejectUnknownKeys,
  splitList,
} from './config/values.ts'

export type { Account } from './config/accounts.ts'
export type { Budget } from './config/budgets.ts'
export { matchBaseUrl, type BaseUrl } from './config/base-urls.ts'
export { ConfigurationError } from './config/errors.ts'
export * from './config/options.ts'
export type { Environment } from './config/values.ts'
export { MAX_METRIC_TAGS } from './config/metric-tags.ts'
export { showPrometheusUrl, type PrometheusOptions } from './config/prometheus.ts'
export { readProcessEnvironment, withVariables } from './config/process-environment.ts'
export { resolveSdkEnvironment, type SdkEnvironment } from './config/sdk-environment.ts'

/** Every option, resolved. Frozen. */
export type Config = ReturnType<typeof resolveConfig>

// `enabled` is OpenTelemetry's own.
const OPTION_NAMES = [...Object.keys(OPTION_VARIABLES), 'enabled']
const CAP = { min: 1, max: 100_000 }

/**
 * The configuration of `options` and `environment`; an option wins over its variable.
 * @throws ConfigurationError for an invalid value of either, and for an unknown option.
 */
export function resolveConfig(options: RegisterOptions = {}, environment = readProcessEnvironment()) {
  if (!isObject(options))
    throw new ConfigurationError(
      `the options must be an object, and are ${describeKind(options)}; accepted: an object such as { metricTags: ['team'] }, or nothing`,
    )
  rejectUnknownKeys(options, OPTION_NAMES)
  // Of any type: nothing is checked yet.
  const given: Partial<Record<keyof RegisterOptions, unknown>> = options
  const { enabled = true, maxModels = 200, maxTagValues = 100, onCall } = given
  parseBoolean(optionOrigin('enabled'), enabled)
  if (onCall !== undefined && typeof onCall !== 'function')
    return rejectValue(optionOrigin('onCall'), onCall, 'a function')
  const warnings: string[] = []
  const warn = (line: string | undefined): void => {
    if (line !== undefined) warnings.push(line)
  }
  const accounts = resolveAccounts(given.accounts, given.apiKey, environment, warn)
  warn(describeUnknownVariables(environment))
  return deepFreeze({
    /** Empty when no key is configured: calls then belong to the account `default`. */
    accounts,
    /** By account name. May contain `default` even when there are no accounts. */
    managementKeys: resolveManagementKeys(given.managementKey, accounts, environment, warn),
    ...resolveBaseUrls(given.baseUrls, environment, warn),
    prometheus: resolvePrometheus(given.prometheus, environment),
    balance: resolvePoll('balance', given.balance, environment),
    settlement: resolveSettlement(given.settlement, environment),
    usage: resolvePoll('usage', given.usage, environment),
    ledger: resolvePoll('ledger', given.ledger, environment),
    budgets: resolveBudgets(given.budgets, accounts, environment),
    metricTags: resolveMetricTags(given.metricTags, environment),
    tagsFrom: resolveTagsFrom(given.tagsFrom, environment),
    maxModels: parseInteger(optionOrigin('maxModels'), maxModels, CAP),
    maxTagValues: parseInteger(optionOrigin('maxTagValues'), maxTagValues, CAP),
    nestHttpSpans: parseBoolean(
      ...firstGiven('nestHttpSpans', given.nestHttpSpans, 'AIMLAPI_NEST_HTTP_SPANS', environment, true),
    ),
    /** The rewritten GenAI names. */
    latestConventions: splitList(readVariable(environment, 'OTEL_SEMCONV_STABILITY_OPT_IN') ?? '').includes(
      'gen_ai_latest_experimental',
    ),
    onCall: onCall as RegisterOptions['onCall'],
    /** The standard OTEL_* variables, for an SDK of our own. */
    sdk: resolveSdkEnvironment(environment),
    /** Problems of the environment that are no errors: one line each, to be logged once. */
    warnings,
  })
}

function deepFreeze<T extends object>(value: T): Readonly<T> {
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null && !Object.isFrozen(part)) deepFreeze(part)
  }
  return Object.freeze(value)
}
