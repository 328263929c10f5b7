/**
 * One HTTP GET, for the account endpoints only. Over node:http(s) with an agent of its own: nothing that the
 * host sets up for its own traffic (dispatchers, global agents) is used or changed. It goes through the proxy that the
 * environment names.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { getBuiltinModule } from '../builtin.ts'
import { isProxyConfigured } from '../config/proxy-environment.ts'
import { runAsOwnTraffic } from '../own-traffic.ts'
import { createProxy } from './proxy.ts'

/** What came back. Never the body of an error, never an error's message: they may quote what was sent. */
export type Answer = AnswerHead & ({ readonly json: unknown } | { readonly errorType: string })

interface AnswerHead {
  /** The server's clock (`Date` header), in milliseconds since the epoch. */
  readonly dateMs?: number
  /** How long the server asked to be left alone (`Retry-After`). */
  readonly retryAfterMs?: number
  readonly etag?: string
}

export interface Client {
  /**
   * Never rejects. `errorType`: the HTTP status unless it is 2xx, redirects included (they are not followed,
   * the key must not travel), `304` where the answer still has the `etag`; `timeout`, `too_large`, `unparsable`;
   * the system's code; `aborted` after `close()`; else `_OTHER`.
   */
  get(url: string, apiKey?: string, etag?: string): Promise<Answer>
  /** Ends requests that are under way, and sends no more; they answer `aborted`. */
  close(): void
}

export interface ClientOptions {
  /** For the whole exchange, from the first byte out to the last byte in. Default `ACCOUNT_TIMEOUT_MS`. */
  readonly timeoutMs?: number
  /** Of the response body. Default 8 MiB: the catalogue with its prices has 1.3 MB. */
  readonly maxSizeBytes?: number
}

/** After this an account request is given up; it is asked again with the next poll. */
export const ACCOUNT_TIMEOUT_MS = 10_000

type Settle = (answer: Answer) => void

export function createClient(options: ClientOptions = {}): Client {
  const { timeoutMs = ACCOUNT_TIMEOUT_MS, maxSizeBytes = 8 * 1024 * 1024 } = options
  const http = getBuiltinModule('node:http')
  const https = getBuiltinModule('node:https')
  // No keep-alive: polls are further apart than servers keep idle connections, and a socket that is not there
  // can neither keep the process alive nor break on reuse.
  const transports = {
    'http:': { request: http.request, agent: new http.Agent({ keepAlive: false }) },
    'https:': { request: https.request, agent: new https.Agent({ keepAlive: false }) },
  }
  const proxy = isProxyConfigured() ? createProxy(releaseProcess) : undefined
  const underWay = new Set<Settle>()
  let closed = false

  function get(url: string, apiKey?: string, etag?: string): Promise<Answer> {
    if (closed) return Promise.resolve({ errorType: 'aborted' })
    return new Promise((resolve) => {
      const abort = new AbortController()
      const settle: Settle = (answer) => {
        clearTimeout(timer)
        underWay.delete(settle)
        resolve(answer)
        abort.abort()
      }
      const timer = setTimeout(() => settle({ errorType: 'timeout' }), timeoutMs)
      timer.unref()
      underWay.add(settle)
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
            .on('response', (response) => readAnswer(response, maxSizeBytes, settle))
            .on('error', (error) => settle({ errorType: readErrorType(error) }))
            .end(),
        )
      } catch (error) {
        settle({ errorType: readErrorType(error) })
      }
    })
  }

  return {
    get,
    close() {
      closed = true
      proxy?.close()
      for (const settle of underWay) settle({ errorType: 'aborted' })
    },
  }
}

function readAnswer(response: IncomingMessage, maxSizeBytes: number, settle: Settle): void {
  const head = readHead(response)
  const status = response.statusCode ?? 0
  if (status < 200 || status > 299) return settle({ ...head, errorType: String(status) })
  const chunks: Buffer[] = []
  let sizeBytes = 0
  response.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length
    if (sizeBytes > maxSizeBytes) settle({ ...head, errorType: 'too_large' })
    else chunks.push(chunk)
  })
  response.on('error', (error) => settle({ ...head, errorType: readErrorType(error) }))
  response.on('end', () => {
    try {
      settle({ ...head, json: JSON.parse(Buffer.concat(chunks).toString('utf8')) })
    } catch {
      settle({ ...head, errorType: 'unparsable' })
    }
  })
}

function readHead(response: IncomingMessage): AnswerHead {
  const { date, etag, 'retry-after': retryAfter } = response.headers
  const dateMs = Date.parse(date ?? '')
  const retryAfterMs = readRetryAfter(retryAfter, dateMs)
  return {
    ...(!Number.isNaN(dateMs) && { dateMs }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(etag !== undefined && { etag }),
  }
}

/** Seconds, or a date (RFC 9110, section 10.2.3), which counts from the server's own clock. */
function readRetryAfter(value: string | undefined, dateMs: number): number | undefined {
  if (value === undefined) return undefined
  const delayMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - dateMs
  return delayMs >= 0 ? delayMs : undefined
}

/** A system code has few values; a message could say anything. */
function readErrorType(error: unknown): string {
  const code: unknown = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,49}$/.test(code) ? code : '_OTHER'
}

/** A socket under way must not keep the process alive. Each attempt to connect has a handle of its own. */
function releaseProcess(socket: Socket): void {
  const release = (): void => {
    socket.unref()
  }
  release()
  for (const event of ['connectionAttempt', 'connect', 'secureConnect']) socket.on(event, release)
}
