/** Words for the host's diagnostics logger. */
import { diag } from '@opentelemetry/api'

/** Never throws, though a logger of the host may. */
export function report(level: 'debug' | 'info' | 'warn' | 'error', message: string): void {
  try {
    diag[level](`aimlapi: ${message}`)
  } catch {
    // There is nobody left to tell.
  }
}
