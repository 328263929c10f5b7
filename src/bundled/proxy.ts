/** Built into the package, loaded where account requests have to go through a proxy. */
export { HttpProxyAgent } from 'http-proxy-agent'
export { HttpsProxyAgent } from 'https-proxy-agent'
export { getProxyForUrl } from 'proxy-from-env'
