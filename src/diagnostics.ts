/** Messages to the host's diagnostics logger. */
import { diag } from '@opentelemetry/api'

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
