/** The calls room as one thing: give it to the traffic hooks as their `Begin`. */
import { routeRequest } from '../api/endpoints.ts'
import type { Begin, RequestHead } from '../traffic/exchange.ts'
import type { CallRecord, CallSink, CallStart } from '../types.ts'
import type { FindAccount } from './accounts.ts'
import { Books } from './books.ts'
import { Call, type CallRoom } from './call.ts'
import { monotonicMs } from './clock.ts'
import { Closing } from './closing.ts'
import { Generations } from './generations.ts'
import { OpenCalls } from './open-calls.ts'
import type { SettlementPort } from './settlement-port.ts'
import { currentSpendTags } from './tags.ts'

export interface ObserverOptions {
  readonly sink: CallSink
  readonly settlement: SettlementPort
  readonly findAccount: FindAccount
  /** The path after a base URL's prefix, or undefined when the URL is not observed. */
  readonly matchPath: (origin: string, path: string) => string | undefined
  readonly onRecord: (record: CallRecord) => void
}

export interface Observer {
  readonly begin: Begin
  /** Resolves when every response that has arrived is counted. */
  flush(): Promise<void>
  /** Closes open calls as `abandoned` and forgets everything remembered. */
  stop(): Promise<void>
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }

/** Watches calls until `stop()`. Its sweep timer does not keep the process alive. */
export function observeCalls(options: ObserverOptions): Observer {
  const { sink, settlement, findAccount, matchPath, onRecord } = options
  const books = new Books(sink, settlement)
  const generations = new Generations({ onLost: (generation, reason) => books.lose(generation, reason) })
  const openCalls = new OpenCalls(monotonicMs, () => generations.expire(monotonicMs()))
  const remember: CallRoom['rememberGeneration'] = (id, generation) =>
    generations.remember(id, generation, monotonicMs())
  const room: CallRoom = {
    sink,
    closing: new Closing({ books, remember, onRecord }),
    findGeneration: (id) => generations.find(id, monotonicMs()),
    rememberGeneration: remember,
    takeInference: (inferenceId) => books.take(inferenceId),
    opened: (call) => openCalls.add(call),
    closed: (call) => openCalls.remove(call),
    finishing: (work) => openCalls.finishing(work),
  }
  openCalls.start()

  const begin = (head: RequestHead): Call | undefined => {
    const path = matchPath(head.origin, head.path)
    if (path === undefined) return undefined
    const route = routeRequest(head.method, path)
    if (route === undefined) return undefined
    const earlier =
      route.phase === 'poll' && route.generationId !== undefined
        ? room.findGeneration(route.generationId)?.identity
        : undefined
    const requestModel = earlier?.requestModel ?? route.model
    const { serverAddress, serverPort } = readServer(head.origin)
    const start: CallStart = {
      operation: route.operation,
      endpoint: route.endpoint,
      account: earlier?.account ?? findAccount(head.header),
      tags: earlier?.tags ?? currentSpendTags(),
      serverAddress,
      serverPort,
      startTimeMs: Date.now(),
      ...(requestModel !== undefined && { requestModel }),
    }
    return new Call(room, route, head, start)
  }

  return {
    begin,
    flush: () => openCalls.flush(),
    async stop() {
      openCalls.stop()
      await openCalls.flush()
      generations.clear()
    },
  }
}

type Server = Pick<CallStart, 'serverAddress' | 'serverPort'>

/** Parsing a URL costs as much as starting a span; a service calls one origin or two. */
const servers = new Map<string, Server>()
const MAX_SERVERS = 64

function readServer(origin: string): Server {
  const known = servers.get(origin)
  if (known !== undefined) return known
  const { hostname, port, protocol } = new URL(origin)
  const serverPort = port === '' ? (DEFAULT_PORTS[protocol] ?? 0) : Number(port)
  const server = { serverAddress: hostname, serverPort }
  if (servers.size >= MAX_SERVERS) servers.clear()
  servers.set(origin, server)
  return server
}
