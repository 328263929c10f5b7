/**
 * Handshakes made through `node:http` and `node:https`: `ws` and all that is built on it, with any agent.
 *
 * Unofficial. No channel says that a server has switched protocols. `emit` of the one request is overridden until the
 * handshake is over, to see its outcome. A listener would change what Node does (without one for 'upgrade' it closes the
 * connection). An application that cancels calls `destroy`.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { toBytes } from './bytes.ts'
import { readClientHead, readUpgrade } from './client-request.ts'
import type { Unhook } from './exchange.ts'
import type { Guard } from './guard.ts'
import { findHeader } from './headers.ts'
import { patch } from './patch.ts'
import { SocketSession } from './websocket-session.ts'
import { SocketOverrides } from './websocket-socket.ts'
import type { BeginSession } from './websocket.ts'

export class ClientHandshakes {
  /** By the requests that open them. Absent until the first one: until then a call costs a comparison. */
  sessions: WeakMap<ClientRequest, SocketSession> | undefined
  readonly #begin: BeginSession
  readonly #guard: Guard
  readonly #overrides = new SocketOverrides()

  constructor(begin: BeginSession, guard: Guard) {
    this.#begin = begin
    this.#guard = guard
    // Ends the observation of open sessions without an event.
    guard.onRelease(() => this.#overrides.undoAll())
  }

  /**
   * Observes the request if it is the handshake of a WebSocket and `beginSession` accepts it. To be called in the caller's
   * context, once for a request.
   */
  observe(request: ClientRequest): void {
    if (readUpgrade(request)?.toLowerCase() !== 'websocket') return
    const head = readClientHead(request)
    const observer = head && this.#guard.attempt('beginSession', () => this.#begin(head))
    if (observer === undefined) return
    const session = new SocketSession(observer, this.#guard)
    this.sessions ??= new WeakMap()
    this.sessions.set(request, session)
    const undo: Unhook[] = []
    const release = this.#overrides.add(() => {
      for (const step of undo) step()
    })
    undo.push(
      patch(request, 'emit', (original, self, args) => {
        const [event, ...said] = args
        if (isOutcome(event)) {
          release()
          this.#guard.attempt('handshake', () => this.#handle(session, event, said))
        }
        return Reflect.apply(original, self, args)
      }),
      patch(request, 'destroy', (original, self, args) => {
        if (!request.destroyed) session.failed(args[0], true)
        return Reflect.apply(original, self, args)
      }),
    )
  }

  #handle(session: SocketSession, event: Outcome, [first, socket, early]: readonly unknown[]): void {
    if (event === 'error' || event === 'close') return session.failed(first, event === 'close')
    const response = first as IncomingMessage
    const status = response.statusCode ?? 0
    const header = (name: string): string | undefined => findHeader(response.rawHeaders, name)
    if (event === 'response') return session.refused(status, header)
    session.accepted(status, header)
    // The client unshifts these bytes, so the override of `push` does not see them.
    session.receivedBytes(toBytes(early))
    if (!session.ended) this.#overrides.watch(socket as Duplex, session)
  }
}

/** What ends a handshake. */
const OUTCOMES = ['upgrade', 'response', 'error', 'close'] as const
type Outcome = (typeof OUTCOMES)[number]

function isOutcome(event: unknown): event is Outcome {
  return (OUTCOMES as readonly unknown[]).includes(event)
}
