/** What the failures of account requests mean, for a terminal. */

const REASONS: Readonly<Record<string, string>> = {
  '401': 'the key was refused',
  '403': 'the key may not ask for it',
  '429': 'too many requests',
  '500': 'the API has a fault; try again later',
  '502': 'the API has a fault; try again later',
  '503': 'the API has a fault; try again later',
  '504': 'the API has a fault; try again later',
  timeout: 'no answer',
  ECONNREFUSED: 'nobody answers at the base URL',
  ECONNRESET: 'the connection broke off',
  EAI_AGAIN: 'the host name of the base URL cannot be looked up',
  ENOTFOUND: 'the host name of the base URL does not exist',
  unparsable: 'the answer makes no sense',
}

/** The error type, with what it means where that is known. `own`: meanings that hold for this request only. */
export function explainError(errorType: string, own: Readonly<Record<string, string>> = {}): string {
  const reason = own[errorType] ?? REASONS[errorType]
  return reason === undefined ? errorType : `${errorType}: ${reason}`
}
