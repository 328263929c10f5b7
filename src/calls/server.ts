/** The labels `server.address` and `server.port` of a call. */
import type { CallStart } from '../ports.ts'

type Server = Pick<CallStart, 'serverAddress' | 'serverPort'>

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }
/** Parsing a URL costs as much as starting a span, and a service calls one or two origins. */
const servers = new Map<string, Server>()
const MAX_SERVERS = 64

/** Host and port of an origin, as `URL.origin` gives it. */
export function readServer(origin: string): Server {
  const known = servers.get(origin)
  if (known !== undefined) return known
  const { hostname, port, protocol } = new URL(origin)
  const serverPort = port === '' ? (DEFAULT_PORTS[protocol] ?? 0) : Number(port)
  const server = { serverAddress: hostname, serverPort }
  if (servers.size >= MAX_SERVERS) servers.clear()
  servers.set(origin, server)
  return server
}
