/** What is known of a call before its response: the labels of its span. */
import { refineRoute } from '../api/endpoints.ts'
import type { Route } from '../api/families.ts'
import type { CallStart } from '../ports.ts'
import type { RequestHead } from '../traffic/exchange.ts'
import type { Writable } from '../writable.ts'
import type { Dependencies } from './dependencies.ts'
import { readServer } from './server.ts'

type OwnStart = Pick<CallStart, 'tags' | 'startTimeMs'> & { readonly requestModel: string | undefined }

/** A poll gets the labels of its create call when that is known. */
export function describeStart(
  { accounting, findAccount }: Dependencies,
  route: Route,
  head: RequestHead,
  { requestModel, tags, startTimeMs }: OwnStart,
): CallStart {
  const polled = accounting.generations.findPolled(route)?.identity
  const model = polled?.requestModel ?? requestModel
  const { endpoint, operation } = refineRoute(route, model)
  const { serverAddress, serverPort } = readServer(head.origin)
  const start: Writable<CallStart> = {
    operation,
    endpoint,
    account: polled?.account ?? findAccount(head.header),
    tags: polled?.tags ?? tags,
    serverAddress,
    serverPort,
    startTimeMs,
  }
  if (model !== undefined) start.requestModel = model
  return start
}
