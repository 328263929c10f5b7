/** One call through a proxy, the way CELL_PROXY_BY names. */
import calls from './calls.cjs'

const { CELL_PROXY, CELL_PROXY_BY } = process.env

const ways = {
  async EnvHttpProxyAgent() {
    const { EnvHttpProxyAgent, fetch } = await import('undici')
    await calls.throughFetch({ fetch, dispatcher: new EnvHttpProxyAgent({ httpProxy: CELL_PROXY }) })
  },
  async ProxyAgent() {
    const { ProxyAgent, fetch } = await import('undici')
    await calls.throughFetch({ fetch, dispatcher: new ProxyAgent(CELL_PROXY) })
  },
  async 'global dispatcher'() {
    const { EnvHttpProxyAgent, setGlobalDispatcher } = await import('undici')
    setGlobalDispatcher(new EnvHttpProxyAgent({ httpProxy: CELL_PROXY }))
    await calls.throughFetch()
  },
  /** Node itself, by NODE_USE_ENV_PROXY. */
  async NODE_USE_ENV_PROXY() {
    await calls.throughFetch()
    await calls.throughNodeHttp()
  },
  async 'global-agent'() {
    const { bootstrap } = await import('global-agent')
    bootstrap()
    await calls.throughNodeHttp()
  },
  async 'https-proxy-agent'() {
    const { HttpsProxyAgent } = await import('https-proxy-agent')
    await calls.throughNodeHttp({ options: { agent: new HttpsProxyAgent(CELL_PROXY) } })
  },
}

await ways[CELL_PROXY_BY]()
console.log(JSON.stringify({ result: 'done' }))
// Agents keep connections to the proxy open.
process.stdin.resume().on('end', () => process.exit(0))
