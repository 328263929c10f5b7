/** What is said of errors that are caught before they reach the application: ours, and those of its `onCall`. */
import { report } from './diagnostics.ts'
import { createOnce } from './once.ts'

/** Returns what reports the first error of one place, in words: `onCall`, `recording a call`. */
export function reportFirstError(place: string): (error: unknown) => void {
  const isFirst = createOnce()
  return (error) => {
    if (isFirst()) reportError(place, error)
  }
}

/** Logs a line without the message of the error, which may contain content. */
export function reportError(place: string, error: unknown): void {
  const kind = error instanceof Error ? error.name : typeof error
  report(
    'warn',
    `an error in ${place} was caught (${kind}); calls are not affected. Further ones of this kind are not logged`,
  )
}
