/**
 * Between us and the OpenTelemetry the host installed: its span processors, samplers, exporters, readers and
 * loggers are foreign code, and what they throw must reach neither the application nor our other signals.
 */
import { diag } from '@opentelemetry/api'

/** Told of something that was thrown; says so once per `where`. Never throws. */
export type ReportError = (where: string, error: unknown) => void

/** A reporter that writes the first error of each `where` to `diag`. `where` is one of a few fixed words. */
export function createErrorReporter(): ReportError {
  const reported = new Set<string>()
  return (where, error) => {
    if (reported.has(where)) return
    reported.add(where)
    try {
      diag.error(`aimlapi: ${where} threw and was ignored; further ones are not reported`, error)
    } catch {
      // The host's logger throws as well: nobody is left to tell.
    }
  }
}

/** The result of `action`, or `undefined` when it threw, which is reported. */
export function guarded<T>(report: ReportError, where: string, action: () => T): T | undefined {
  try {
    return action()
  } catch (error) {
    report(where, error)
    return undefined
  }
}
