/** Errors that come with a 200. A body or event that carries one is a failed call; its message is never read. */
import { isFields, type Fields } from './fields.ts'

/** What an answer has, beside which the mere presence of `error` says nothing: many print it as a template. */
const ANSWER_KEYS = ['choices', 'usage', 'meta', 'output', 'data', 'result', 'generation_id'] as const
const FAILED_WORD = /^(?:error|failed|failure)$/i

/**
 * A JSON body that is nothing but an error: `{"error": …}`, a problem (RFC 9457), or an object called `error`.
 * `isJob`: what has an id is the job, and its status says how it went.
 */
export function isErrorBody(document: Fields, isJob: boolean): boolean {
  if (isProblem(document)) return true
  if (document['object'] === 'error' || document['type'] === 'error') return true
  if (!isSomething(document['error'])) return false
  if (isJob && document['id'] !== undefined) return false
  const { status } = document
  if (typeof status === 'string' && !FAILED_WORD.test(status)) return false
  return ANSWER_KEYS.every((key) => (document[key] ?? undefined) === undefined)
}

/** An event that carries an error, whatever else it has. */
export function isErrorEvent(document: Fields): boolean {
  return isSomething(document['error']) || document['type'] === 'error' || document['object'] === 'error'
}

/** A response of the Responses API that says so itself. `response`: the one inside of an event. */
export function isFailedResponse(document: Fields, response: Fields): boolean {
  const said = document['object'] === 'response' ? document : response
  return said['status'] === 'failed' || document['type'] === 'response.failed'
}

function isProblem({ status, title }: Fields): boolean {
  return typeof status === 'number' && status >= 400 && title !== undefined
}

/** Text or an object; long bodies are pruned to `true`. */
function isSomething(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value !== '') || isFields(value)
}
