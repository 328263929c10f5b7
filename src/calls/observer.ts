/** Creates a Call for each observed request and a RealtimeSession for each observed WebSocket. */
import { routeRequest } from '../api/endpoints.ts'
import { routeRealtime } from '../api/realtime.ts'
import type { Begin, RequestHead } from '../traffic/exchange.ts'
import type { BeginSession } from '../traffic/websocket.ts'
import type { CallSink, SettlementPort } from '../ports.ts'
import type { CallRecord } from '../types.ts'
import type { FindAccount } from './account-finder.ts'
import type { ReadTags } from './tag-reader.ts'
import { Accounting } from './accounting.ts'
import { AnsweredCalls } from './answered-calls.ts'
import { Call } from './call.ts'
import type { CallDependencies } from './call-dependencies.ts'
import { monotonicMs } from './turn-clock.ts'
import type { Deferral } from './deferral.ts'
import { Generations } from './generations.ts'
import { KnownIds } from './known-ids.ts'
import { LogLookup } from './log-lookup.ts'
import { OpenCalls } from './open-calls.ts'
import { RealtimeSession, type SessionDependencies } from './realtime-session.ts'

export interface ObserverOptions {
  readonly sink: CallSink
  readonly settlement: SettlementPort
  readonly findAccount: FindAccount
  readonly readTags: ReadTags
  /** The path after a base URL's prefix, or undefined when the URL is not observed. */
  readonly matchPath: (origin: string, path: string) => string | undefined
  readonly onRecord: (record: CallRecord) => void
  /** Keeps calls between their end and being recorded. */
  readonly deferral: Deferral
  readonly onInternalError: (error: unknown) => void
}

/** `begin` and `beginSession` are for the hooks of traffic/. */
export interface Observer {
  readonly begin: Begin
  readonly beginSession: BeginSession
  /** Resolves when every response that has arrived completely is counted. */
  flush(): Promise<void>
  /** Closes open calls as `aborted` and forgets everything remembered. */
  stop(): Promise<void>
}

/** Watches calls until `stop()`. Its sweep timer does not keep the process alive. */
export function observeCalls(options: ObserverOptions): Observer {
  const { sink, settlement, findAccount, readTags, matchPath, onRecord, deferral, onInternalError } = options
  const knownIds = new KnownIds({ onLost: (generation, reason) => accounting.lose(generation, reason) })
  const generations = new Generations({
    knownIds,
    nowMs: monotonicMs,
    onUnite: (into, from) => accounting.unite(into, from),
  })
  const answeredCalls = new AnsweredCalls()
  const logLookup = new LogLookup({
    settlement,
    answeredCalls,
    onFound: (generation, row) => accounting.applyRow(generation, row),
    onLost: (generation, reason) => accounting.lose(generation, reason),
  })
  const accounting = new Accounting({ sink, logLookup, generations, onRecord })
  const openCalls = new OpenCalls(monotonicMs, (nowMs) => {
    knownIds.expire(nowMs)
    answeredCalls.expire(nowMs)
  })
  const dependencies: CallDependencies = {
    sink,
    findAccount,
    readTags,
    generations,
    accounting,
    answeredCalls,
    openCalls,
    deferral,
    onInternalError,
  }
  openCalls.start()

  const begin = (head: RequestHead): Call | undefined => {
    const path = matchPath(head.origin, head.path)
    if (path === undefined) return undefined
    const route = routeRequest(head.method, path)
    if (route === undefined) return undefined
    // The ids of a job's earlier responses decide which generation this call belongs to.
    if (route.phase !== 'sync') deferral.recordAll()
    return new Call(dependencies, route, head)
  }

  const sessions = new Set<RealtimeSession>()
  const sessionDependencies: SessionDependencies = {
    sink,
    findAccount,
    readTags,
    answeredCalls,
    logLookup,
    onRecord,
    opened: (session) => void sessions.add(session),
    ended: (session) => void sessions.delete(session),
  }
  const beginSession: BeginSession = (head) => {
    const path = matchPath(head.origin, head.path)
    const route = path === undefined ? undefined : routeRealtime(path)
    return route === undefined ? undefined : new RealtimeSession(sessionDependencies, route, head)
  }

  return {
    begin,
    beginSession,
    flush() {
      deferral.recordAll()
      return openCalls.flush()
    },
    async stop() {
      openCalls.stop()
      for (const session of sessions) session.end({ errorType: 'abandoned' })
      deferral.recordAll()
      await openCalls.flush()
      knownIds.clear()
    },
  }
}
