/** The calls room as one thing: give it to the traffic hooks as their `Begin`. */
import { routeRequest } from '../api/endpoints.ts'
import { routeRealtime } from '../api/realtime.ts'
import type { Begin, RequestHead } from '../traffic/exchange.ts'
import type { BeginSession } from '../traffic/websocket.ts'
import type { CallSink } from '../ports.ts'
import type { CallRecord } from '../types.ts'
import type { FindAccount } from './accounts.ts'
import { Accounting } from './accounting.ts'
import { Call, type CallRoom } from './call.ts'
import { monotonicMs } from './clock.ts'
import { Entries } from './entries.ts'
import { Generations } from './generations.ts'
import { KnownIds } from './known-ids.ts'
import { OpenCalls } from './open-calls.ts'
import { RealtimeSession, type SessionRoom } from './realtime-session.ts'
import type { SettlementPort } from '../ports.ts'

export interface ObserverOptions {
  readonly sink: CallSink
  readonly settlement: SettlementPort
  readonly findAccount: FindAccount
  /** The path after a base URL's prefix, or undefined when the URL is not observed. */
  readonly matchPath: (origin: string, path: string) => string | undefined
  readonly onRecord: (record: CallRecord) => void
  /** Whether a call may be entered some milliseconds after its end: `enterAll` is called before anything is flushed. */
  readonly mayWait: () => boolean
  readonly onInternalError: (error: unknown) => void
}

export interface Observer {
  readonly begin: Begin
  readonly beginSession: BeginSession
  /** Enters the calls that have ended and were not entered yet, except for bodies that are still being decoded. */
  enterAll(): void
  /** Resolves when every response that has arrived is counted. */
  flush(): Promise<void>
  /** Closes open calls as `abandoned` and forgets everything remembered. */
  stop(): Promise<void>
}

/** Watches calls until `stop()`. Its sweep timer does not keep the process alive. */
export function observeCalls(options: ObserverOptions): Observer {
  const { sink, settlement, findAccount, matchPath, onRecord, mayWait, onInternalError } = options
  const knownIds = new KnownIds({ onLost: (generation, reason) => accounting.lose(generation, reason) })
  const generations = new Generations({
    knownIds,
    nowMs: monotonicMs,
    onJoined: (generation) => accounting.release(generation),
  })
  const accounting = new Accounting({ sink, settlement, generations, onRecord })
  const openCalls = new OpenCalls(monotonicMs, () => knownIds.expire(monotonicMs()))
  const entries = new Entries({ mayWait, onInternalError })
  const room: CallRoom = {
    sink,
    findAccount,
    generations,
    accounting,
    opened: (call) => openCalls.add(call),
    ended(call) {
      openCalls.remove(call)
      entries.add(call)
    },
    finishing: (work) => openCalls.finishing(work.catch(onInternalError)),
  }
  openCalls.start()

  const begin = (head: RequestHead): Call | undefined => {
    const path = matchPath(head.origin, head.path)
    if (path === undefined) return undefined
    const route = routeRequest(head.method, path)
    if (route === undefined) return undefined
    // What a job's earlier responses have said decides whose this one is.
    if (route.phase !== 'sync') entries.enterAll()
    return new Call(room, route, head)
  }

  const sessions = new Set<RealtimeSession>()
  const sessionRoom: SessionRoom = {
    sink,
    findAccount,
    accounting,
    opened: (session) => void sessions.add(session),
    ended: (session) => void sessions.delete(session),
  }
  const beginSession: BeginSession = (head) => {
    const path = matchPath(head.origin, head.path)
    const route = path === undefined ? undefined : routeRealtime(path)
    return route === undefined ? undefined : new RealtimeSession(sessionRoom, route, head)
  }

  return {
    begin,
    beginSession,
    enterAll: () => entries.enterAll(),
    flush() {
      entries.enterAll()
      return openCalls.flush()
    },
    async stop() {
      openCalls.stop()
      for (const session of sessions) session.abandon()
      entries.enterAll()
      await openCalls.flush()
      knownIds.clear()
    },
  }
}
