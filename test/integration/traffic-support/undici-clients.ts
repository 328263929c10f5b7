import './bundled-undici.ts'
import type * as Undici from 'undici'
import * as undici7 from 'undici'
import undici5 from 'undici5'
import undici6 from 'undici6'

export interface Call {
  readonly url: string
  readonly method?: 'GET' | 'POST' | 'HEAD'
  readonly body?: string | Uint8Array
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly header: (name: string) => string | undefined
  readonly body: Buffer
}

/** One way to make a call through undici, and to read all of its answer. */
export interface UndiciClient {
  readonly name: string
  readonly call: (call: Call) => Promise<Answer>
}

export type UndiciModule = typeof Undici

/** Runs on Node 22 and later only, where the compatibility suite says where it has installed it. */
const { TRAFFIC_UNDICI_8 } = process.env
const undici8: readonly (readonly [string, UndiciModule])[] =
  TRAFFIC_UNDICI_8 === undefined ? [] : [['undici 8', (await import(TRAFFIC_UNDICI_8)) as UndiciModule]]

/**
 * The npm releases, oldest first. Their types differ a little. Whoever uses `fetch`, `request`, `stream` or
 * `pipeline` of one must name one of its dispatchers: without, the call goes through whichever copy was loaded
 * first.
 */
export const undiciModules: readonly (readonly [string, UndiciModule])[] = [
  ['undici 5', undici5 as unknown as UndiciModule],
  ['undici 6', undici6 as unknown as UndiciModule],
  ['undici 7', undici7],
  ...undici8,
]

const agents = new Map<UndiciModule, Undici.Agent>()

/** One dispatcher of that copy, shared and never closed: its connections do not hold the process. */
export function dispatcherOf(undici: UndiciModule): Undici.Agent {
  const agent = agents.get(undici) ?? new undici.Agent()
  agents.set(undici, agent)
  return agent
}

/** `fetch` of that copy, through that copy's own dispatcher. */
export function fetchOf(undici: UndiciModule): typeof fetch {
  const fetchThere = undici.fetch as unknown as typeof fetch
  return (url, init) => fetchThere(url, { dispatcher: dispatcherOf(undici), ...init } as RequestInit)
}

/** Every copy's fetch, Node's own first. */
export const fetches: readonly (readonly [string, typeof fetch])[] = [
  ['global fetch', (url, init) => fetch(url, init)],
  ...undiciModules.map(([name, undici]) => [`${name} fetch`, fetchOf(undici)] as const),
]

function callByFetch(get: typeof fetch): UndiciClient['call'] {
  return async ({ url, method = 'POST', headers = {}, body, signal }) => {
    const response = await get(url, {
      method,
      headers,
      ...(body && { body }),
      ...(signal && { signal }),
    } as RequestInit)
    return {
      status: response.status,
      header: (name) => response.headers.get(name) ?? undefined,
      body: Buffer.from(await response.arrayBuffer()),
    }
  }
}

function toHeader(headers: Record<string, string | string[] | undefined>): Answer['header'] {
  return (name) => headers[name]?.toString()
}

function createClients([name, undici]: readonly [string, UndiciModule]): UndiciClient[] {
  const dispatcher = dispatcherOf(undici)
  const callByRequest =
    (createDispatcher: (url: URL) => Undici.Dispatcher): UndiciClient['call'] =>
    async ({ url, method = 'POST', ...rest }) => {
      const target = new URL(url)
      const own = createDispatcher(target)
      const path = target.pathname + target.search
      const { statusCode, headers, body } = await dispatcher.request({
        origin: target.origin,
        path,
        method,
        ...rest,
      })
      const answer = {
        status: statusCode,
        header: toHeader(headers),
        body: Buffer.from(await body.arrayBuffer()),
      }
      await own.close()
      return answer
    }
  const clients: Record<string, UndiciClient['call']> = {
    request: async ({ url, method = 'POST', ...rest }) => {
      const { statusCode, headers, body } = await undici.request(url, { method, dispatcher, ...rest })
      return { status: statusCode, header: toHeader(headers), body: Buffer.from(await body.arrayBuffer()) }
    },
    stream: async ({ url, method = 'POST', ...rest }) => {
      const chunks: Buffer[] = []
      let head: Undici.Dispatcher.StreamFactoryData | undefined
      const { Writable } = await import('node:stream')
      await undici.stream(url, { method, dispatcher, ...rest }, (data) => {
        head = data
        return new Writable({ write: (chunk: Buffer, _encoding, done) => (chunks.push(chunk), done()) })
      })
      return {
        status: head?.statusCode ?? 0,
        header: toHeader(head?.headers ?? {}),
        body: Buffer.concat(chunks),
      }
    },
    pipeline: ({ url, method = 'POST', body, ...rest }) =>
      new Promise((resolve, reject) => {
        const chunks: Buffer[] = []
        let head: Undici.Dispatcher.PipelineHandlerData | undefined
        const duplex = undici.pipeline(url, { method, dispatcher, ...rest }, (data) => {
          head = data
          return data.body
        })
        duplex.on('data', (chunk: Buffer) => chunks.push(chunk))
        duplex.on('error', reject)
        duplex.on('end', () =>
          resolve({
            status: head?.statusCode ?? 0,
            header: toHeader(head?.headers ?? {}),
            body: Buffer.concat(chunks),
          }),
        )
        duplex.end(body)
      }),
    Client: callByRequest((url) => new undici.Client(url.origin)),
    Pool: callByRequest((url) => new undici.Pool(url.origin, { connections: 1 })),
    Agent: callByRequest(() => new undici.Agent()),
  }
  return Object.entries(clients).map(([api, call]) => ({ name: `${name} ${api}`, call }))
}

/** Every API of every copy. */
export const undiciClients: readonly UndiciClient[] = [
  ...fetches.map(([name, get]) => ({ name, call: callByFetch(get) })),
  ...undiciModules.flatMap(createClients),
]
