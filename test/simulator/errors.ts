/** Error bodies as documented: one shape, `statusCode` as a number here and as a string there. */
import type { JsonObject } from './call.ts'

const MESSAGES: Readonly<Record<number, string>> = {
  401: 'This request requires a valid API key. You can create a new API key on the Billing page: https://aimlapi.com/app/keys',
  403: "You've run out of credits. Please top up your balance to continue using the API.",
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal server error',
  502: 'Bad Gateway',
  503: 'Service unavailable',
  504: 'Generation timeout',
}

/** @param prompt echoed in a 400, as the API does. */
export function errorMessage(status: number, prompt: string): string {
  if (status === 400) return `Body validation error: Expected string, received '${prompt.slice(0, 500)}'`
  return MESSAGES[status] ?? 'Something wrong with the server'
}

export function errorBody(
  status: number,
  message: string,
  path: string,
  requestId: string,
  at: number,
): JsonObject {
  return {
    requestId,
    statusCode: status === 429 ? String(status) : status,
    timestamp: new Date(at).toISOString(),
    path,
    message,
  }
}
