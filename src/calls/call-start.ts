/** What is known of a call before its response: the labels of its span. */
import { refineRoute } from '../api/endpoints.ts'
import type { Route } from '../api/families.ts'
import type { CallStart } from '../ports.ts'
import type { RequestHead } from '../traffic/exchange.ts'
import type { Writable } from '../writable.ts'
import type { Dependencies } from './dependencies.ts'
import { readServer } from './server.ts'
import type { SpendTags } from './tags.ts'

/** A call that has begun. */
export interface BegunCall {
  readonly route: Route
  readonly head: RequestHead
  /** From path or body, as far as it was sent. */
  readonly requestModel: string | undefined
  readonly tags: SpendTags
  /** Milliseconds since the epoch. */
  readonly startTimeMs: number
}

/** A poll gets the labels of its create call when that is known. */
export function describeStart(dependencies: Dependencies, call: BegunCall): CallStart {
  const { route, head, tags, startTimeMs } = call
  const polled = dependencies.accounting.generations.findPolled(route)?.identity
  const model = polled?.requestModel ?? call.requestModel
  const { endpoint, operation } = refineRoute(route, model)
  const { serverAddress, serverPort } = readServer(head.origin)
  const start: Writable<CallStart> = {
    operation,
    endpoint,
    account: polled?.account ?? dependencies.findAccount(head.header),
    tags: polled?.tags ?? tags,
    serverAddress,
    serverPort,
    startTimeMs,
  }
  if (model !== undefined) start.requestModel = model
  return start
}
