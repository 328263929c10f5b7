/** Errors in a response with status 200. A body or event with an error is a failed call; the message is never read. */
import { isFields, type Fields } from './fields.ts'

/** With one of these keys the body is a result, even when it also has a key `error`: many servers always send one. */
const RESULT_KEYS = ['choices', 'usage', 'meta', 'output', 'data', 'result', 'generation_id'] as const
const FAILED_WORD = /^(?:error|failed|failure)$/i

/**
 * A JSON body that is nothing but an error: `{"error": …}`, a problem (RFC 9457), or an object called `error`.
 * `isJob`: a body with an id describes the job, whose status decides.
 */
export function isErrorBody(document: Fields, isJob: boolean): boolean {
  if (isProblem(document)) return true
  if (document['object'] === 'error' || document['type'] === 'error') return true
  if (!isPresent(document['error'])) return false
  if (isJob && document['id'] !== undefined) return false
  const { status } = document
  if (typeof status === 'string' && !FAILED_WORD.test(status)) return false
  return RESULT_KEYS.every((key) => (document[key] ?? undefined) === undefined)
}

/** An event that contains an error, whatever else it has. */
export function isErrorEvent(document: Fields): boolean {
  return isPresent(document['error']) || document['type'] === 'error' || document['object'] === 'error'
}

/** A response of the Responses API with a failed status. `response`: the one inside an event. */
export function isFailedResponse(document: Fields, response: Fields): boolean {
  const described = document['object'] === 'response' ? document : response
  return described['status'] === 'failed' || document['type'] === 'response.failed'
}

function isProblem({ status, title }: Fields): boolean {
  return typeof status === 'number' && status >= 400 && title !== undefined
}

/** Text or an object; `true` in long bodies, which are pruned. */
function isPresent(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value !== '') || isFields(value)
}
