/** The id that the application itself gives a request. */
import type { HeaderLookup } from '../traffic/exchange.ts'

/** The form that the API accepts (docs.aimlapi.com, request tracing); it drops anything else too. */
const CLIENT_REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/

/** The header `x-client-request-id` of a request, if the API accepts it. */
export function readOwnRequestId(header: HeaderLookup): string | undefined {
  const id = header('x-client-request-id')
  return id !== undefined && CLIENT_REQUEST_ID.test(id) ? id : undefined
}
