/**
 * What the third-party code in `dist/bundled` gets in place of Node's own (by `tsdown.bundled.config.ts`): timers and
 * sockets that keep no process alive. An exporter whose collector hangs would otherwise hold up a natural exit for as
 * long as its own timeout and retries last. Whoever waits for an export holds the process by itself (`hold.ts`).
 */
import type { ClientRequest } from 'node:http'
import type { ClientHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'

/** Every attempt to connect has a handle of its own, and an agent refers to a socket again that it reuses. */
const EVENTS = ['connectionAttempt', 'connect', 'secureConnect'] as const

const unreferenced = new WeakSet<Socket>()

type Callable = (...words: never[]) => unknown

function unrefSocket<T extends Socket>(socket: T): T {
  const unref = (): void => {
    socket.unref()
  }
  unref()
  // A socket that is reused comes once for each request.
  if (!unreferenced.has(socket)) for (const event of EVENTS) socket.on(event, unref)
  unreferenced.add(socket)
  return socket
}

function unrefSession(session: ClientHttp2Session): ClientHttp2Session {
  session.unref()
  // gRPC refers to its session for as long as a request is under way.
  session.ref = () => {}
  return session
}

function unrefRequest(request: ClientRequest): ClientRequest {
  return request.on('socket', unrefSocket)
}

/** A copy of a module with some of its functions followed by another one. */
function copyWith<M extends Record<string, unknown>>(
  module: M,
  names: readonly string[],
  after: Callable,
): M {
  const descriptors = Object.getOwnPropertyDescriptors(module)
  for (const name of names) {
    const original = module[name] as Callable
    const value = (...words: never[]): unknown => after(original(...words) as never)
    Object.assign(descriptors, { [name]: { value, enumerable: true, configurable: true, writable: true } })
  }
  return Object.defineProperties({}, descriptors) as M
}

let getBuiltinModule = process.getBuiltinModule

/** Takes modules from another function from now on; to be called before anything else of `dist/bundled` is loaded. */
export function takeModulesFrom(get: typeof process.getBuiltinModule): void {
  getBuiltinModule = get
}

/** By name: the functions that open sockets, and what is done with what they return. */
const OPENING: Readonly<Record<string, readonly [names: readonly string[], after: Callable]>> = {
  http: [['request', 'get'], unrefRequest],
  https: [['request', 'get'], unrefRequest],
  http2: [['connect'], unrefSession],
  net: [['connect', 'createConnection'], unrefSocket],
  tls: [['connect'], unrefSocket],
}

/** A module of Node's own, by its name without `node:`. */
export function builtinModule(name: string): object {
  const module = getBuiltinModule(`node:${name}`) as unknown as Record<string, unknown>
  const [names, after] = OPENING[name] ?? []
  return names === undefined || after === undefined ? module : copyWith(module, names, after)
}

const timers = builtinModule('timers') as typeof import('node:timers')

/** gRPC refers to a timer of its own while a call is under way. */
function unrefTimer(timer: NodeJS.Timeout): NodeJS.Timeout {
  timer.ref = () => timer
  return timer.unref()
}

export const setTimeout = ((...words: Parameters<typeof timers.setTimeout>) =>
  unrefTimer(timers.setTimeout(...words))) as typeof timers.setTimeout
export const setInterval = ((...words: Parameters<typeof timers.setInterval>) =>
  unrefTimer(timers.setInterval(...words))) as typeof timers.setInterval
