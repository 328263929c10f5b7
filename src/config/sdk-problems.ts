/** Values of OpenTelemetry's standard variables that nobody understands. The SDK ignores them without a word. */
import { environmentOrigin } from './errors.ts'
import { readVariable, splitList, type Environment } from './values.ts'

/** A number of milliseconds that is taken. */
export const MILLISECONDS = /^[1-9]\d{0,8}$/

/** Lists of exact words. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  OTEL_METRICS_EXPORTER: ['prometheus', 'otlp', 'console', 'none'],
  OTEL_TRACES_EXPORTER: ['otlp', 'console', 'zipkin', 'none'],
  OTEL_LOGS_EXPORTER: ['otlp', 'console', 'none'],
}
/** One word, in any case. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  OTEL_LOG_LEVEL: ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'],
  OTEL_SDK_DISABLED: ['true', 'false'],
}
const NUMBERS = ['OTEL_METRIC_EXPORT_INTERVAL', 'OTEL_METRIC_EXPORT_TIMEOUT']
const URL_VARIABLE = /^OTEL_EXPORTER_OTLP_(?:[A-Z]+_)?ENDPOINT$/

/** A line for each: what it is, and what is accepted. */
export function findProblems(environment: Environment): string[] {
  const problems: string[] = []
  const add = (name: string, what: string, accepted: string): void => {
    problems.push(`${environmentOrigin(name)} ${what}; accepted: ${accepted}. It is ignored`)
  }
  for (const [name, accepted] of Object.entries(LISTS))
    for (const word of splitList(readVariable(environment, name) ?? ''))
      if (!accepted.includes(word)) add(name, `has ${JSON.stringify(word)}`, accepted.join(', '))
  for (const [name, accepted] of Object.entries(WORDS)) {
    const word = readVariable(environment, name)
    if (word !== undefined && !accepted.includes(word.toLowerCase()))
      add(name, `is ${JSON.stringify(word)}`, accepted.join(', '))
  }
  for (const name of NUMBERS) {
    const text = readVariable(environment, name)
    if (text !== undefined && !MILLISECONDS.test(text))
      add(name, `is ${JSON.stringify(text)}`, 'a whole number of milliseconds above 0')
  }
  for (const name of Object.keys(environment).filter((each) => URL_VARIABLE.test(each))) {
    const text = readVariable(environment, name)
    // Not shown: it may have credentials.
    if (text !== undefined && !isPlace(text))
      add(name, 'has something else than a URL', 'such as http://localhost:4318')
  }
  return problems
}

/** An http URL, or for gRPC a host and port alone. */
function isPlace(text: string): boolean {
  return (/^https?:\/\//i.test(text) && URL.canParse(text)) || /^[\w.-]+:\d+$/.test(text)
}
