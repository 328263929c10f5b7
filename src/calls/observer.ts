/** Creates a Call for each observed request and a RealtimeSession for each observed WebSocket. */
import { routeRequest } from '../api/endpoints.ts'
import { routeRealtime } from '../api/realtime.ts'
import type { SettlementPort } from '../ports.ts'
import type { RequestHead } from '../traffic/exchange.ts'
import { Accounting } from './accounting.ts'
import { Call } from './call.ts'
import type { Dependencies } from './dependencies.ts'
import { createOpenCalls } from './open-calls.ts'
import { RealtimeSession } from './realtime-session.ts'

export interface ObserverOptions extends Omit<Dependencies, 'accounting' | 'openCalls' | 'sessions'> {
  readonly settlement: SettlementPort
  /** The path after a base URL's prefix, or undefined when the URL is not observed. */
  readonly matchPath: (origin: string, path: string) => string | undefined
}

/** Calls and sessions of this process, until it is stopped. */
export type Observer = ReturnType<typeof observeCalls>

/** Watches calls until `stop()`. Its sweep timer does not keep the process alive. */
export function observeCalls(options: ObserverOptions) {
  const { sink, settlement, onRecord, matchPath, deferral } = options
  const accounting = new Accounting(sink, settlement, onRecord)
  const openCalls = createOpenCalls((nowMs) => {
    accounting.expire(nowMs)
    // A process may poll its account for long before it makes a call.
    deferral.followProviders()
  })
  const dependencies: Dependencies = { ...options, accounting, openCalls, sessions: new Set() }

  return {
    /** The call of a request, if its URL is observed. */
    begin(head: RequestHead): Call | undefined {
      const path = matchPath(head.origin, head.path)
      const route = path === undefined ? undefined : routeRequest(head.method, path)
      if (route === undefined) return undefined
      // The ids of a job's earlier responses decide which generation this call belongs to.
      if (route.phase !== 'sync') deferral.recordAll()
      return new Call(dependencies, route, head)
    },
    /** The session of a WebSocket handshake, if its URL is observed. */
    beginSession(head: RequestHead): RealtimeSession | undefined {
      const path = matchPath(head.origin, head.path)
      const route = path === undefined ? undefined : routeRealtime(path)
      return route === undefined ? undefined : new RealtimeSession(dependencies, route, head)
    },
    /** Resolves when every response that has arrived completely is counted. */
    flush(): Promise<void> {
      deferral.recordAll()
      return openCalls.flush()
    },
    /** Ends open calls as `aborted`, open sessions as `abandoned`, and forgets the jobs. */
    async stop(): Promise<void> {
      openCalls.stop()
      for (const session of dependencies.sessions) session.end({ errorType: 'abandoned' })
      deferral.recordAll()
      await openCalls.flush()
      accounting.clear()
    },
  }
}
