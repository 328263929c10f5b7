/**
 * What the third-party code in `dist/bundled` gets in place of Node's own (by `tsdown.bundled.config.ts`): timers and
 * sockets that keep no process alive. An exporter whose collector hangs would otherwise hold up a natural exit for as
 * long as its own timeout and retries last. Whoever waits for an export holds the process by itself (`sdk/hold.ts`).
 */
import type { ClientRequest } from 'node:http'
import type { ClientHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
const timers = process.getBuiltinModule('node:timers')

/** Every attempt to connect has a handle of its own, and an agent refers to a socket again that it reuses. */
const EVENTS = ['connectionAttempt', 'connect', 'secureConnect'] as const

type Callable = (...words: never[]) => unknown

function unrefSocket<T extends Socket>(socket: T): T {
  const unref = (): void => {
    socket.unref()
  }
  unref()
  for (const event of EVENTS) socket.on(event, unref)
  return socket
}

function unrefSession(session: ClientHttp2Session): ClientHttp2Session {
  session.unref()
  // gRPC refers to its session for as long as a request is under way.
  session.ref = () => {}
  return session
}

/** A copy of a module with some of its functions followed by another one. */
function copyWith<M extends object>(module: M, names: readonly (keyof M)[], after: Callable): M {
  const descriptors = Object.getOwnPropertyDescriptors(module)
  for (const name of names) {
    const original = module[name] as Callable
    const value = (...words: never[]): unknown => after(original(...words) as never)
    Object.assign(descriptors, { [name]: { value, enumerable: true, configurable: true, writable: true } })
  }
  return Object.defineProperties({}, descriptors) as M
}

const unrefRequest = (request: ClientRequest): ClientRequest => request.on('socket', unrefSocket)

const builtin = process.getBuiltinModule

export const http = copyWith(builtin('node:http'), ['request', 'get'], unrefRequest)
export const https = copyWith(builtin('node:https'), ['request', 'get'], unrefRequest)
export const net = copyWith(builtin('node:net'), ['connect', 'createConnection'], unrefSocket)
export const tls = copyWith(builtin('node:tls'), ['connect'], unrefSocket)
export const http2 = copyWith(builtin('node:http2'), ['connect'], unrefSession)

export const setTimeout = ((...words: Parameters<typeof timers.setTimeout>) =>
  timers.setTimeout(...words).unref()) as typeof timers.setTimeout
export const setInterval = ((...words: Parameters<typeof timers.setInterval>) =>
  timers.setInterval(...words).unref()) as typeof timers.setInterval
