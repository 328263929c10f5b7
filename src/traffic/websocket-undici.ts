/**
 * Handshakes made through undici: the global `WebSocket`, and those of the npm package.
 *
 * Unofficial. The method by which undici hands over the socket is overridden for the one request (`onUpgrade` of
 * undici 5 to 7, `onRequestUpgrade` of 8). Bytes that arrived together with the response are put back by `unshift`
 * just before, which is overridden on the request's socket until then.
 */
import type { Duplex } from 'node:stream'
import { toBytes } from './bytes.ts'
import type { RequestHead, Unhook } from './exchange.ts'
import type { Guard } from './guard.ts'
import { findHeader } from './headers.ts'
import { patch } from './patch.ts'
import { readNamedHead, readUndiciHead, type UndiciMessage, type UndiciRequest } from './undici-message.ts'
import { SocketSession } from './websocket-session.ts'
import { SocketOverrides } from './websocket-socket.ts'
import type { BeginSession } from './websocket.ts'

interface Handshake {
  readonly session: SocketSession
  /** Bytes that arrived behind the response. */
  early: Buffer | undefined
  unwatchEarly: Unhook | undefined
}

export class UndiciHandshakes {
  readonly #begin: BeginSession
  readonly #guard: Guard
  readonly #handshakes = new WeakMap<UndiciRequest, Handshake>()
  readonly #overrides = new SocketOverrides()
  #isSubscribed = false

  constructor(begin: BeginSession, guard: Guard) {
    this.#begin = begin
    this.#guard = guard
    // Ends the observation of open sessions without an event.
    guard.onRelease(() => this.#overrides.undoAll())
  }

  /** Observes a handshake, if `beginSession` accepts it. To be called in the caller's context, once for a request. */
  observe(request: UndiciRequest): SocketSession | undefined {
    const head = readUndiciHead(request)
    if (head === undefined) return undefined
    const begin = (named: RequestHead | undefined) => named && this.#begin(named)
    const observer = this.#guard.attempt(
      'beginSession',
      () => begin(head) ?? begin(readNamedHead(request, head)),
    )
    if (observer === undefined) return undefined
    // Only when there is a session: a subscription costs time in every request of the process.
    if (!this.#isSubscribed) this.#subscribe()
    const handshake: Handshake = {
      session: new SocketSession(observer, this.#guard),
      early: undefined,
      unwatchEarly: undefined,
    }
    this.#handshakes.set(request, handshake)
    const method = typeof request.onRequestUpgrade === 'function' ? 'onRequestUpgrade' : 'onUpgrade'
    const undo = patch(request, method, (original, self, args) => {
      undo()
      this.#guard.attempt('handshake', () => this.#accepted(handshake, args[0], args[1], args[2]))
      return Reflect.apply(original, self, args)
    })
    return handshake.session
  }

  #accepted(handshake: Handshake, status: unknown, headers: unknown, socket: unknown): void {
    handshake.unwatchEarly?.()
    const { session, early } = handshake
    session.accepted(Number(status), (name) => findHeader(headers, name))
    if (early !== undefined) session.receivedBytes(early)
    handshake.early = undefined
    if (session.ended) return
    this.#overrides.watch(socket as Duplex, session)
  }

  #subscribe(): void {
    this.#isSubscribed = true
    const on = (channel: string, handle: (handshake: Handshake, message: UndiciMessage) => void): void => {
      this.#guard.subscribe<UndiciMessage>(channel, (message) => {
        const handshake = this.#handshakes.get(message.request)
        if (handshake !== undefined && !handshake.session.isOpen) handle(handshake, message)
      })
    }
    on('undici:client:sendHeaders', (handshake, { socket }) => {
      const undo = patch(socket as Duplex, 'unshift', (original, self, args) => {
        handshake.early = Buffer.from(toBytes(args[0]))
        return Reflect.apply(original, self, args)
      })
      handshake.unwatchEarly = this.#overrides.add(undo)
    })
    on('undici:request:headers', ({ session, unwatchEarly }, { response }) => {
      if (response.statusCode < 200) return
      unwatchEarly?.()
      session.refused(response.statusCode, (name) => findHeader(response.headers, name))
    })
    on('undici:request:error', ({ session, unwatchEarly }, { error }) => {
      unwatchEarly?.()
      session.failed(error)
    })
  }
}
