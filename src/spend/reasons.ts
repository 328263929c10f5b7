/** Explanations of failed account requests, for a terminal. */

const REASONS: Readonly<Record<string, string>> = {
  '401': 'the key was refused',
  '403': 'the key has no permission',
  '429': 'too many requests',
  '500': 'the API has a fault; try again later',
  '502': 'the API has a fault; try again later',
  '503': 'the API has a fault; try again later',
  '504': 'the API has a fault; try again later',
  timeout: 'no response in time',
  ECONNREFUSED: 'no server listens at the base URL',
  ECONNRESET: 'the connection was closed',
  EAI_AGAIN: 'the host name of the base URL cannot be looked up',
  ENOTFOUND: 'the host name of the base URL does not exist',
  incomplete: 'the total of the API is larger than what it says by day and model',
  unparsable: 'the response has not the documented form',
}

/** The error type with its explanation, if there is one. `own`: explanations for this kind of request only. */
export function explainError(errorType: string, own: Readonly<Record<string, string>> = {}): string {
  const reason = own[errorType] ?? REASONS[errorType]
  return reason === undefined ? errorType : `${errorType}: ${reason}`
}
