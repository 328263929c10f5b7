/** Logs this library's messages to stderr when the application has set no logger for OpenTelemetry's diagnostics. */
import { inspect } from 'node:util'
import { diag, DiagLogLevel, type DiagLogFunction, type DiagLogger } from '@opentelemetry/api'

const API_GLOBAL = Symbol.for('opentelemetry.js.api.1')
const OWN_LINE = /^aimlapi\b/

/** The message of OpenTelemetry's API when an SDK of the application starts too late. */
const LATE_SDK = /duplicate registration of API: (\w+)/

/** What the SDK says of a variable that only we have set, while it starts: see `own-sdk.ts`. */
const SELF_MADE = /^OTEL_LOGS_EXPORTER contains "none"/

/** To stderr: an application's stdout may be its output. */
const writeAll: DiagLogFunction = (message, ...rest) => {
  if (OWN_LINE.test(message)) console.error(formatLine([message, ...rest]))
  else console.error(message, ...rest)
}

/** Writes only this library's messages. The SDK logs nothing, as usual without OTEL_LOG_LEVEL. */
const writeOwn: DiagLogFunction = (message, ...rest) => {
  if (OWN_LINE.test(message)) writeAll(message, ...rest)
}

/** Formats a message as one line. */
function formatLine(words: readonly unknown[]): string {
  return words
    .map((word) => {
      if (typeof word === 'string') return word
      if (word instanceof Error) return `${word.name}: ${word.message}`
      return inspect(word, { breakLength: Infinity, compact: true, depth: 4 })
    })
    .join(' ')
    .replace(/\s*[\r\n]+\s*/g, ' ')
}

function createLogger(write: DiagLogFunction): DiagLogger {
  const reportLateSdk = createLateSdkReporter(write)
  const log: DiagLogFunction = (message, ...rest) => {
    const [, signal] = LATE_SDK.exec(message) ?? []
    if (signal !== undefined) reportLateSdk(signal)
    else if (!SELF_MADE.test(message)) write(message, ...rest)
  }
  return { error: log, warn: log, info: log, debug: log, verbose: log }
}

/**
 * Reports the signals that a late SDK did not get: without it they would be missing in its backend without a reason. An
 * SDK registers all of its signals at once, so one line lists all of them.
 */
function createLateSdkReporter(write: DiagLogFunction): (signal: string) => void {
  const refused = new Set<string>()
  return (signal) => {
    refused.add(signal)
    if (refused.size > 1) return
    queueMicrotask(() => {
      write(
        `aimlapi: an OpenTelemetry SDK was set up after register(), and did not get: ${[...refused].sort().join(', ')}. ` +
          'What it was to send goes where register() sends it. Start that SDK first, or add AimlapiInstrumentation ' +
          'to it instead of calling register()',
      )
      refused.clear()
    })
  }
}

/**
 * Writes diagnostics to stderr when no logger is set: everything from `level` up, a value of OTEL_LOG_LEVEL, or
 * without one this library's own lines. Returns the function that removes the logger.
 */
export function ensureLogger(level: string | undefined): () => void {
  if (currentLogger() !== undefined) return () => {}
  // The enum also has its numbers as names: `30` is no level.
  const named: unknown = DiagLogLevel[(level ?? 'INFO') as keyof typeof DiagLogLevel]
  const logLevel = typeof named === 'number' ? named : DiagLogLevel.INFO
  diag.setLogger(createLogger(level === undefined ? writeOwn : writeAll), { logLevel })
  const ours = currentLogger()
  return () => {
    if (ours !== undefined && currentLogger() === ours) diag.disable()
  }
}

/** The API has no function for it; its global object has the logger. */
function currentLogger(): unknown {
  return (globalThis as { [API_GLOBAL]?: { diag?: unknown } })[API_GLOBAL]?.diag
}
