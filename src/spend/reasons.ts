/** What the failures of account requests mean, for a terminal. */

const REASONS: Readonly<Record<string, string>> = {
  '401': 'the key was refused',
  '403': 'the key may not ask for it',
  '429': 'too many requests',
  timeout: 'no answer',
  unparsable: 'the answer makes no sense',
}

/** The error type, with what it means where that is known. `own`: meanings that hold for this request only. */
export function explainError(errorType: string, own: Readonly<Record<string, string>> = {}): string {
  const reason = own[errorType] ?? REASONS[errorType]
  return reason === undefined ? errorType : `${errorType}: ${reason}`
}
