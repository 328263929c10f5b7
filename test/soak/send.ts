/** Sends one request with one of the clients and reads the answer as an application would. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { Agent, interceptors, request as undiciRequest, type Dispatcher } from 'undici'
import type { Abort } from './faults.ts'
import type { Client } from './plan.ts'

export interface Outgoing {
  readonly client: Client
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly abort?: Abort | undefined
  /** Resolves when the API has charged for the call; asked for only by `abort: 'when-charged'`. */
  readonly charged?: () => Promise<void>
}

/** As far as it came. Without a text: the answer never came, or was broken off. */
export interface Incoming {
  readonly status?: number
  readonly text?: string
}

interface Sent extends Outgoing {
  readonly signal: AbortSignal
  readonly stopAfterBytes: number
  readonly onHead: () => void
}

/** Never rejects. */
export type Send = (outgoing: Outgoing) => Promise<Incoming>

type Senders = Readonly<Record<Client, (sent: Sent) => Promise<Incoming>>>

/**
 * The clients, as an application builds them after the start of the instrumentation: what an interceptor repeats
 * that was composed before, loses its tags (README, "Limits").
 */
export function createClients(): Send {
  const retrying = new Agent().compose(interceptors.retry(RETRY))
  const redirecting = new Agent().compose(interceptors.redirect({ maxRedirections: 3 }))
  const senders: Senders = {
    fetch: sendByFetch,
    undici: (sent) => sendByUndici(sent),
    'undici-retry': (sent) => sendByUndici(sent, retrying),
    'undici-redirect': (sent) => sendByUndici(sent, redirecting),
    'node-http': sendByNodeHttp,
  }
  return (outgoing) => send(outgoing, senders)
}

async function send(outgoing: Outgoing, senders: Senders): Promise<Incoming> {
  const { abort, charged } = outgoing
  const controller = new AbortController()
  const patience = typeof abort === 'object' && 'afterMs' in abort ? abort : undefined
  const timer = patience && setTimeout(() => controller.abort(), patience.afterMs)
  const signal = patience?.timeout === true ? AbortSignal.timeout(patience.afterMs) : controller.signal
  if (abort === 'when-charged') void charged?.().then(() => controller.abort())
  const stopAfterBytes =
    typeof abort === 'object' && 'afterBytes' in abort ? abort.afterBytes : Number.POSITIVE_INFINITY
  const onHead = (): void => {
    if (abort === 'at-head') controller.abort()
  }
  try {
    return await senders[outgoing.client]({ ...outgoing, signal, stopAfterBytes, onHead })
  } catch {
    return {}
  } finally {
    clearTimeout(timer)
    if (abort === 'at-end') controller.abort()
  }
}

const RETRY = {
  methods: ['GET', 'POST'] as Dispatcher.HttpMethod[],
  minTimeout: 1,
  maxTimeout: 20,
  maxRetries: 3,
}

async function sendByFetch(sent: Sent): Promise<Incoming> {
  const { url, method, headers, body, signal, stopAfterBytes } = sent
  const response = await fetch(url, { method, headers, signal, ...(body !== undefined && { body }) })
  const { status } = response
  sent.onHead()
  if (stopAfterBytes === Number.POSITIVE_INFINITY) return { status, text: await response.text() }
  let bytes = 0
  for await (const chunk of response.body ?? []) if ((bytes += chunk.byteLength) >= stopAfterBytes) break
  return { status }
}

function sendByNodeHttp(sent: Sent): Promise<Incoming> {
  const { url, method, headers, body, signal, stopAfterBytes } = sent
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, signal }, (response) => {
      const { statusCode: status = 0 } = response
      sent.onHead()
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        bytes += chunk.byteLength
        if (bytes >= stopAfterBytes) response.destroy()
      })
      response.on('error', reject)
      response.on('close', () => {
        try {
          const text = response.complete ? decode(Buffer.concat(chunks), response.headers) : undefined
          resolve({ status, ...(text !== undefined && { text }) })
        } catch (error) {
          reject(error as Error)
        }
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

async function sendByUndici(sent: Sent, dispatcher?: Dispatcher): Promise<Incoming> {
  const { url, method, headers, body, signal, stopAfterBytes } = sent
  const response = await undiciRequest(url, {
    method,
    headers,
    signal,
    ...(body !== undefined && { body }),
    ...(dispatcher !== undefined && { dispatcher }),
  })
  const { statusCode: status } = response
  sent.onHead()
  if (stopAfterBytes === Number.POSITIVE_INFINITY)
    return { status, text: decode(Buffer.from(await response.body.arrayBuffer()), response.headers) }
  let bytes = 0
  for await (const chunk of response.body) {
    if ((bytes += (chunk as Buffer).byteLength) >= stopAfterBytes) break
  }
  return { status }
}

const DECODERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  deflate: inflateSync,
}

/** What `fetch` does by itself. Throws like it when a body was cut off. */
function decode(bytes: Buffer, headers: IncomingHttpHeaders): string {
  const decoder = DECODERS[headers['content-encoding'] ?? '']
  return (decoder === undefined ? bytes : decoder(bytes)).toString()
}
