/** Checks the environment variables, and that metrics leave the process. */
import { resolveConfig, resolveSdkEnvironment, type Config } from '../config.ts'
import type { Check } from './check.ts'

const NAME = 'configuration'
const VARIABLES_NAME = 'variables'
type Environment = Readonly<Record<string, string | undefined>>

/** The check, and the configuration of the environment; without it when a value is invalid. */
export function checkSettings(environment: Environment): { readonly check: Check; readonly config?: Config } {
  let config: Config
  try {
    config = resolveConfig({}, environment)
  } catch (error) {
    // A ConfigurationError names the variable and what is accepted, and never shows a key.
    const summary = error instanceof Error ? error.message : 'the environment could not be read'
    return {
      check: { name: NAME, status: 'failure', summary, advice: 'Correct or unset the variable.' },
    }
  }
  return { check: describe(config, environment), config }
}

/** One check per warning about the environment. */
export function checkVariables(config: Config | undefined): Check[] {
  if (config === undefined) return []
  const checks: Check[] = [...config.warnings, ...config.sdk.problems].map((summary) => ({
    name: VARIABLES_NAME,
    status: 'warning',
    summary,
    advice: 'Correct or unset the variable.',
  }))
  if (config.sdk.hasConfigFile)
    checks.push({
      name: VARIABLES_NAME,
      status: 'warning',
      summary: 'OTEL_CONFIG_FILE is set, and register() does not read it: it takes the OTEL_* variables',
      advice: 'To use the file, start that SDK and add AimlapiInstrumentation to it.',
    })
  return checks
}

function describe(config: Config, environment: Environment): Check {
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
    summary: `observes ${observed(config)}; metrics go to ${ways.join(' and ')}, with ${described(config.metricTags)}`,
  }
}

function described(metricTags: readonly string[]): string {
  return metricTags.length === 0 ? 'no spend tag' : `the spend tags ${metricTags.join(', ')}`
}

function observed({ baseUrls }: Config): string {
  if (baseUrls === '*') return 'every URL'
  return baseUrls.map(({ origin, pathPrefix }) => origin + pathPrefix).join(', ')
}
