/** Messages to the host's diagnostics logger. */
import { diag } from '@opentelemetry/api'
import { createOnce } from './once.ts'

/** Logs `message` with the prefix `aimlapi: `. Never throws, though a logger of the host may. */
export function report(
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  ...details: readonly unknown[]
): void {
  try {
    diag[level](`aimlapi: ${message}`, ...details)
  } catch {
    // There is no other place to report it to.
  }
}

/** Returns what logs the first error of one place, in words: `onCall`, `recording a call`. */
export function reportFirstError(place: string): (error: unknown) => void {
  const isFirst = createOnce()
  return (error) => {
    if (isFirst()) reportError(place, error)
  }
}

/** Logs a line without the message of the error, which may contain content. To be called once per kind. */
export function reportError(place: string, error: unknown): void {
  const kind = error instanceof Error ? error.name : typeof error
  report(
    'warn',
    `an error in ${place} was caught (${kind}); calls are not affected. Further ones of this kind are not logged`,
  )
}
