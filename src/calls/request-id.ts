/** The id that an application gives a request of its own. */
import type { HeaderLookup } from '../traffic/exchange.ts'

/** As the API accepts it (docs: request tracing); anything else is dropped there too. */
const CLIENT_REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/

export function readOwnRequestId(header: HeaderLookup): string | undefined {
  const id = header('x-client-request-id')
  return id !== undefined && CLIENT_REQUEST_ID.test(id) ? id : undefined
}
