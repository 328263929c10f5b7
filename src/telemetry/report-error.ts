/** Catches errors of the host's OpenTelemetry: they must reach neither the application nor our other signals. */
import { report } from '../diagnostics.ts'
import { createOnce } from '../once.ts'

/** Reports what was thrown, once per `where`. Never throws. */
export type ReportError = (where: string, error: unknown) => void

/** A reporter that writes the first error of each `where` to `diag`. `where` is one of a few fixed words. */
export function createErrorReporter(): ReportError {
  const isFirst = createOnce()
  return (where, error) => {
    if (isFirst(where))
      report('error', `${where} threw: telemetry may be incomplete. Further ones are not logged`, error)
  }
}

/** The result of `action`, or `undefined` when it threw, which is reported. */
export function guarded<T>(reportError: ReportError, where: string, action: () => T): T | undefined {
  try {
    return action()
  } catch (error) {
    reportError(where, error)
    return undefined
  }
}
