/**
 * Agents for account requests, by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY as curl reads them. Node itself reads
 * them only with NODE_USE_ENV_PROXY=1, but where they are set, the API often cannot be reached directly.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Agent } from 'node:http'
import type { Socket } from 'node:net'
import { loadBundled } from '../bundled.ts'
import { createOnce } from '../once.ts'
import { isOwnTraffic } from '../own-traffic.ts'
import { report } from '../diagnostics.ts'

/** Chooses the proxy of each request. @param onSocket called with each connection to a proxy: it is created before a request gets it. */
export function createProxy(onSocket: (socket: Socket) => void) {
  const agents = new Map<string, Agent>()
  const isFirstProblem = createOnce()
  const onCreated = (message: unknown): void => {
    if (isOwnTraffic()) onSocket((message as { socket: Socket }).socket)
  }
  subscribe(CREATED, onCreated)

  return {
    /** `undefined`: no proxy for this URL. */
    agentFor(url: URL): Agent | undefined {
      try {
        const { getProxyForUrl, HttpProxyAgent, HttpsProxyAgent } = loadBundled('proxy')
        const proxyUrl = getProxyForUrl(url.href)
        if (proxyUrl === '') return undefined
        const id = `${url.protocol} ${proxyUrl}`
        const ProxyAgent = url.protocol === 'https:' ? HttpsProxyAgent : HttpProxyAgent
        const agent = agents.get(id) ?? new ProxyAgent(proxyUrl, { keepAlive: false })
        agents.set(id, agent)
        return agent
      } catch {
        // Its message may hold the password of the proxy.
        if (isFirstProblem())
          report(
            'warn',
            'the proxy of HTTPS_PROXY, HTTP_PROXY or ALL_PROXY cannot be used for account requests: is its URL valid? They are sent without it',
          )
        return undefined
      }
    },
    close: () => void unsubscribe(CREATED, onCreated),
  }
}

/** Published with each socket that `net.connect` makes. */
const CREATED = 'net.client.socket'
