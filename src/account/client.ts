/**
 * HTTP GET for the account endpoints. Over node:http(s) with an agent of its own: nothing that the host sets up for its
 * own traffic (dispatchers, global agents) is used or changed. Uses the proxy that the environment names.
 */
import { clearTimeout, setTimeout } from 'node:timers'
import { URL } from 'node:url'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { brotliDecompressSync, gunzipSync, unzipSync } from 'node:zlib'
import { compact } from '../api/account-fields.ts'
import { getBuiltinModule } from '../builtin.ts'
import { isProxyConfigured } from '../config/process-environment.ts'
import { runAsOwnTraffic } from '../own-traffic.ts'
import { createProxy } from './proxy.ts'

/** The result of one request. Neither the body nor the message of an error: they may quote what was sent. */
export type ClientResponse = ReturnType<typeof readReplyHead> &
  ({ readonly json: unknown } | { readonly errorType: string })

/** What sends the requests of all accounts. */
export type Client = ReturnType<typeof createClient>

/** After this an account request is given up; the next poll tries again. */
export const ACCOUNT_TIMEOUT_MS = 10_000
/** The catalogue with prices has 1.3 MB. */
const MAX_SIZE_BYTES = 8 * 1024 * 1024

const DECODERS = new Map([
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  ['deflate', unzipSync],
  ['br', brotliDecompressSync],
])

type Finish = (response: ClientResponse) => void

/** @param timeoutMs for the whole exchange, from the first byte sent to the last byte received. */
export function createClient(timeoutMs = ACCOUNT_TIMEOUT_MS) {
  const http = getBuiltinModule('node:http')
  const https = getBuiltinModule('node:https')
  // No keep-alive: polls are further apart than servers keep idle connections, and a closed socket can neither keep the
  // process alive nor fail on reuse.
  const transports = {
    'http:': { request: http.request, agent: new http.Agent({ keepAlive: false }) },
    'https:': { request: https.request, agent: new https.Agent({ keepAlive: false }) },
  }
  // Without one nothing is loaded: then a bundle without these files works too.
  const proxy = isProxyConfigured() ? createProxy(releaseProcess) : undefined
  const underWay = new Set<Finish>()
  let closed = false

  /**
   * Never rejects. `errorType`: the HTTP status unless it is 2xx, redirects included (they are not followed,
   * the key must not be sent elsewhere), `304` when the resource still has the `etag`; `timeout`, `too_large`, `unparsable`;
   * the system's code; `aborted` after `close()`; else `_OTHER`.
   */
  function get(url: string, apiKey?: string, etag?: string): Promise<ClientResponse> {
    if (closed) return Promise.resolve({ errorType: 'aborted' })
    return new Promise((resolve) => {
      const abort = new AbortController()
      const finish: Finish = (response) => {
        clearTimeout(timer)
        underWay.delete(finish)
        resolve(response)
        abort.abort()
      }
      const timer = setTimeout(() => finish({ errorType: 'timeout' }), timeoutMs)
      timer.unref()
      underWay.add(finish)
      try {
        const target = new URL(url)
        const transport = transports[target.protocol as keyof typeof transports]
        const headers = {
          accept: 'application/json',
          'accept-encoding': 'identity',
          ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
          ...(etag !== undefined && { 'if-none-match': etag }),
          'user-agent': 'opentelemetry-instrumentation-aimlapi',
        }
        runAsOwnTraffic(() =>
          transport
            .request(target, {
              agent: proxy?.agentFor(target) ?? transport.agent,
              headers,
              signal: abort.signal,
            })
            .on('socket', releaseProcess)
            .on('response', (incoming) => readResponse(incoming, finish))
            .on('error', (error) => finish({ errorType: readErrorType(error) }))
            .end(),
        )
      } catch (error) {
        finish({ errorType: readErrorType(error) })
      }
    })
  }

  return {
    get,
    /** Aborts requests under way and sends no more: they resolve with `aborted`. */
    close(): void {
      closed = true
      proxy?.close()
      for (const finish of underWay) finish({ errorType: 'aborted' })
    },
  }
}

function readResponse(response: IncomingMessage, finish: Finish): void {
  const head = readReplyHead(response)
  const status = response.statusCode ?? 0
  if (status < 200 || status > 299) return finish({ ...head, errorType: String(status) })
  const chunks: Buffer[] = []
  let sizeBytes = 0
  response.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length
    if (sizeBytes > MAX_SIZE_BYTES) finish({ ...head, errorType: 'too_large' })
    else chunks.push(chunk)
  })
  response.on('error', (error) => finish({ ...head, errorType: readErrorType(error) }))
  response.on('end', () => {
    try {
      // Some proxies compress though `identity` was asked for.
      const decode = DECODERS.get(response.headers['content-encoding']?.toLowerCase() ?? '')
      const bytes = Buffer.concat(chunks)
      const decoded = decode?.(bytes, { maxOutputLength: MAX_SIZE_BYTES }) ?? bytes
      finish({ ...head, json: JSON.parse(decoded.toString('utf8')) })
    } catch {
      finish({ ...head, errorType: 'unparsable' })
    }
  })
}

function readReplyHead(response: IncomingMessage) {
  const { date, etag, 'retry-after': retryAfter } = response.headers
  const dateMs = Date.parse(date ?? '')
  // Seconds, or a date (RFC 9110, section 10.2.3) by the server's own clock.
  const isSeconds = /^\d+$/.test(retryAfter ?? '')
  const retryAfterMs = isSeconds ? Number(retryAfter) * 1000 : Date.parse(retryAfter ?? '') - dateMs
  return compact({
    /** The server's clock, in milliseconds since the epoch. */
    dateMs: Number.isNaN(dateMs) ? undefined : dateMs,
    retryAfterMs: retryAfterMs >= 0 ? retryAfterMs : undefined,
    etag,
  })
}

/** The system's code: it has few values and no content, unlike a message. */
function readErrorType(error: unknown): string {
  const code: unknown = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,49}$/.test(code) ? code : '_OTHER'
}

/** Keeps a socket from keeping the process alive. Each attempt to connect has a handle of its own. */
function releaseProcess(socket: Socket): void {
  socket.unref()
  for (const name of ['connectionAttempt', 'connect', 'secureConnect']) socket.on(name, () => socket.unref())
}
