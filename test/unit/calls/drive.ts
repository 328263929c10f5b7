import { createAccountFinder } from '../../../src/calls/account-finder.ts'
import { Deferral } from '../../../src/calls/deferral.ts'
import { observeCalls, type Observer } from '../../../src/calls/observer.ts'
import { createTagReader, type TagSources } from '../../../src/calls/tag-reader.ts'
import type { PendingCall, SettlementPort } from '../../../src/ports.ts'
import type { Exchange } from '../../../src/traffic/exchange.ts'
import type { CallRecord } from '../../../src/types.ts'
import { createRecordingSink, type RecordingSink } from './recording-sink.ts'

export interface Answer {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: unknown
  /** How the exchange ends; absent: whole. */
  readonly error?: string
}

export interface Driver {
  readonly sink: RecordingSink
  readonly records: CallRecord[]
  readonly pending: Set<PendingCall>
  readonly observer: Observer
  /** With a body, the request is sent; without, nothing of it. */
  begin(method: string, path: string, body?: unknown, headers?: Record<string, string>): Exchange
  /** One whole exchange; gives the record of it. */
  exchange(method: string, path: string, body: unknown, answer: Answer): Promise<CallRecord>
}

export interface DriverOptions {
  /** Whether somebody looks up what responses did not say. Default false. */
  readonly settlement?: boolean
  /** Whether calls may be entered later than they end; every `exchange` flushes. Default false. */
  readonly mayWait?: boolean
  /** Where tags are read, besides `withSpendTags`. */
  readonly tagsFrom?: TagSources
}

const ORIGIN = 'https://api.aimlapi.com'
const NO_SOURCES: TagSources = { baggage: [], span: [] }

/** Drives src/calls by hand: no sockets, the real readers behind it. */
export function drive({
  settlement = false,
  mayWait = false,
  tagsFrom = NO_SOURCES,
}: DriverOptions = {}): Driver {
  const sink = createRecordingSink()
  const records: CallRecord[] = []
  const pending = new Set<PendingCall>()
  const port: SettlementPort = {
    add(call) {
      const isUnknown = call.inferenceIds.length === 0 && call.clientRequestId === undefined
      if (!settlement || isUnknown) return false
      pending.add(call)
      return true
    },
    remove: (call) => void pending.delete(call),
  }
  const onInternalError = (error: unknown): never => {
    throw error
  }
  const deferral = new Deferral(() => (mayWait ? 'batch' : 'none'), onInternalError)
  const observer = observeCalls({
    sink,
    settlement: port,
    findAccount: createAccountFinder([{ name: 'main', apiKey: 'key-main' }]),
    readTags: createTagReader(tagsFrom),
    matchPath: (origin, path) => (origin === ORIGIN ? path : undefined),
    onRecord: (record) => void records.push(record),
    deferral,
    onInternalError,
  })
  const begin: Driver['begin'] = (method, path, body, headers = {}) => {
    const all: Record<string, string> = {
      authorization: 'Bearer key-main',
      'content-type': 'application/json',
      ...headers,
    }
    const exchange = observer.begin({ method, origin: ORIGIN, path, header: (name) => all[name] })
    if (exchange === undefined) throw new Error(`${method} ${path} is not observed`)
    if (body !== undefined) {
      exchange.requestChunk(bytesOf(body))
      exchange.sent()
    }
    return exchange
  }
  return {
    sink,
    records,
    pending,
    observer,
    begin,
    async exchange(method, path, body, answer) {
      const exchange = begin(method, path, body)
      exchange.sent()
      respond(exchange, answer)
      await observer.flush()
      const record = records.findLast(({ kind }) => kind === 'call')
      if (record === undefined) throw new Error('no record')
      return record
    },
  }
}

/** Plays an answer into an exchange. Without a status, the exchange fails before any response. */
export function respond(exchange: Exchange, { status = 200, headers = {}, body, error }: Answer): void {
  if (body !== undefined || error === undefined) {
    const all: Record<string, string> = { 'content-type': 'application/json', ...headers }
    exchange.responseHead(status, (name) => all[name])
    if (body !== undefined) exchange.responseChunk(bytesOf(body))
  }
  exchange.end(error)
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}
