/** Checks the environment variables, and that metrics leave the process. */
import { resolveConfig, showPrometheusUrl, type Config, type Environment } from '../config.ts'
import { findingsOf, type Check } from './check.ts'

const { ok, warning, failure } = findingsOf('configuration')
const CORRECT = 'Correct or unset the variable.'

/** The check, and the configuration of the environment; without it when a value is invalid. */
export function checkSettings(environment: Environment): { readonly check: Check; readonly config?: Config } {
  try {
    const config = resolveConfig({}, environment)
    return { check: describe(config), config }
  } catch (error) {
    // A ConfigurationError names the variable and what is accepted, and never shows a key.
    const summary = error instanceof Error ? error.message : 'the environment could not be read'
    return { check: failure(summary, CORRECT) }
  }
}

/** One check per warning about the environment. */
export function checkVariables(config: Config): Check[] {
  const variables = findingsOf('variables')
  const checks = [...config.warnings, ...config.sdk.problems].map((line) => variables.warning(line, CORRECT))
  if (config.sdk.hasConfigFile)
    checks.push(
      variables.warning(
        'OTEL_CONFIG_FILE is set, and register() does not read it: it takes the OTEL_* variables',
        'To use the file, start that SDK and add AimlapiInstrumentation to it.',
      ),
    )
  return checks
}

function describe({ prometheus, sdk, metricTags, baseUrls }: Config): Check {
  if (sdk.disabled)
    return failure(
      'OTEL_SDK_DISABLED is true: nothing is started',
      'Unset OTEL_SDK_DISABLED where you want to measure.',
    )
  const ways = [...(prometheus === false ? [] : [showPrometheusUrl(prometheus)]), ...sdk.metricExporters]
  if (ways.length === 0)
    return warning(
      'no metric leaves a process that register() sets up: OTEL_METRICS_EXPORTER names no exporter',
      'Unset OTEL_METRICS_EXPORTER for a Prometheus endpoint, or set it to "otlp". With a NodeSDK of your own this does not matter.',
    )
  const observed =
    baseUrls === '*' ? 'every URL' : baseUrls.map(({ origin, pathPrefix }) => origin + pathPrefix).join(', ')
  const tags = metricTags.length === 0 ? 'no spend tag' : `the spend tags ${metricTags.join(', ')}`
  return ok(`observes ${observed}; metrics go to ${ways.join(' and ')}, with ${tags}`)
}
