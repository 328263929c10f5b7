/** Why an exchange failed, as a word that is safe in a label. */
/** Levels of `.cause` that are followed; the chain may be a cycle. */
const maxDepth = 4

/** Errors of an AggregateError that are read: one for each address that was tried. */
const maxErrors = 8

/** Codes of libuv, the resolver, OpenSSL, llhttp, Node and undici. Others are the application's, of any number. */
const systemCode =
  /^(?:E[A-Z][A-Z0-9]{1,24}|EAI_[A-Z]{2,16}|(?:ERR|UND_ERR|HPE|CERT|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|CRL)_[A-Z0-9_]{2,56})$/

/** Codes of clients whose caller has aborted. */
const abortCode = /^(?:ABORT_ERR|ECANCELED|ERR_ABORTED|ERR_CANCELED|UND_ERR_ABORTED)$/

/**
 * The `error.type` of a request that failed with `error`, which may be any value at all: `timeout` for the reason of
 * `AbortSignal.timeout`; `aborted` when the caller gave up (also with a reason that is no error); else the system's code
 * (`ECONNREFUSED`, `UND_ERR_SOCKET`), also of a `.cause` or of an AggregateError's errors; else `_OTHER`.
 *
 * @param cancelled the caller has ended the request. A code in `error` is then of the caller's own reason.
 */
export function errorType(error: unknown, cancelled = false): string {
  try {
    if (isTimeout(error, 0)) return 'timeout'
    if (cancelled || isAbort(error)) return 'aborted'
    const code = findSystemCode(error, 0)
    if (code !== undefined) return code
    return error instanceof Error ? '_OTHER' : 'aborted'
  } catch {
    // A getter or proxy in the application's abort reason has thrown.
    return cancelled ? 'aborted' : '_OTHER'
  }
}

/** A DOMException, whose `code` is a number. Time-outs of client libraries have a text as `code`. */
function isTimeout(error: unknown, depth: number): boolean {
  if (!isErrorLike(error) || depth > maxDepth) return false
  if (error.name === 'TimeoutError' && typeof error.code !== 'string') return true
  return isTimeout(error.cause, depth + 1)
}

function isAbort(error: unknown): boolean {
  // Only an abort reason can be a string, undefined or a symbol. undici also reports a response that was dropped
  // unread as the string "Response object has been garbage collected".
  if (!isErrorLike(error)) return true
  return error.name === 'AbortError' || (typeof error.code === 'string' && abortCode.test(error.code))
}

function findSystemCode(error: unknown, depth: number): string | undefined {
  if (!isErrorLike(error) || depth > maxDepth) return undefined
  if (typeof error.code === 'string' && systemCode.test(error.code)) return error.code
  // One error for each address that was tried (localhost as ::1 and 127.0.0.1): the first code is taken.
  const inner = Array.isArray(error.errors) ? error.errors.slice(0, maxErrors) : []
  for (const candidate of [...inner, error.cause]) {
    const code = findSystemCode(candidate, depth + 1)
    if (code !== undefined) return code
  }
  return undefined
}

function isErrorLike(error: unknown): error is Record<'name' | 'code' | 'cause' | 'errors', unknown> {
  return typeof error === 'object' && error !== null
}
