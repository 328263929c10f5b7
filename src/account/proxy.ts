/**
 * The way out of the process for account requests: straight, or through the proxy that HTTPS_PROXY, HTTP_PROXY,
 * ALL_PROXY and NO_PROXY name, as curl reads them. Node itself looks at them with NODE_USE_ENV_PROXY=1 alone, but
 * where they are set there often is no other way out.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Agent } from 'node:http'
import type { Socket } from 'node:net'
import { loadBundled } from '../bundled.ts'
import { createOnce } from '../once.ts'
import { isOwnTraffic } from '../own-traffic.ts'
import { report } from '../diagnostics.ts'

export interface Proxy {
  /** `undefined`: no proxy for this URL. */
  agentFor(url: URL): Agent | undefined
  close(): void
}

/** @param onSocket told of the connections to proxies: they are made before a request gets them. */
export function createProxy(onSocket: (socket: Socket) => void): Proxy {
  const agents = new Map<string, Agent>()
  const isFirstProblem = createOnce()
  const onCreated = (message: unknown): void => {
    if (isOwnTraffic()) onSocket((message as { socket: Socket }).socket)
  }
  subscribe(CREATED, onCreated)

  function createAgent(url: URL): Agent | undefined {
    if (!Object.keys(process.env).some((name) => PROXY_VARIABLE.test(name))) return undefined
    const { getProxyForUrl, HttpProxyAgent, HttpsProxyAgent } = loadBundled('proxy')
    const proxyUrl = getProxyForUrl(url.href)
    if (proxyUrl === '') return undefined
    const id = `${url.protocol} ${proxyUrl}`
    const known = agents.get(id)
    if (known !== undefined) return known
    const ProxyAgent = url.protocol === 'https:' ? HttpsProxyAgent : HttpProxyAgent
    const agent = new ProxyAgent(proxyUrl, { keepAlive: false })
    agents.set(id, agent)
    return agent
  }

  return {
    agentFor(url) {
      try {
        return createAgent(url)
      } catch {
        // Its message may hold the password of the proxy.
        if (isFirstProblem())
          report('warn', 'the proxy of the environment cannot be used for account requests')
        return undefined
      }
    },
    close: () => void unsubscribe(CREATED, onCreated),
  }
}

/** Without one, nothing is loaded: a program without a proxy also works where the files are left behind. */
const PROXY_VARIABLE = /_proxy$/i
/** Published with each socket that `net.connect` makes. */
const CREATED = 'net.client.socket'
