/** Serves `/metrics`, and logs why when it cannot. */
import type { Cluster } from 'node:cluster'
import { isMainThread } from 'node:worker_threads'
import { getBuiltinModule } from '../builtin.ts'
import { report } from '../diagnostics.ts'
import { HOST_VARIABLE, PORT_VARIABLE, type PrometheusOptions } from '../config/prometheus.ts'
import { sendText, serveHttp, type Routes } from './http-server.ts'
import { describeOccupant } from './port-occupant.ts'

/** The media type of Prometheus' text format, version 0.0.4. */
const CONTENT_TYPE = 'text/plain; charset=utf-8; version=0.0.4'

/** Never rejects: `undefined` when it has logged why it cannot listen. Keeps no process alive, nor do its connections. */
export async function serveMetrics(place: PrometheusOptions, text: () => Promise<string>) {
  const { host, port, endpoint } = place
  try {
    const server = await serveHttp(host, port, { [endpoint]: answerWith(text) })
    server.unref()
    return server
  } catch (error) {
    report('error', await describeListenError(error, place))
    return undefined
  }
}

/** A route that serves what `text` resolves to; status 500 when it rejects. */
export function answerWith(text: () => Promise<string>): Routes[string] {
  return (_request, response) => {
    text().then(
      (page) => response.writeHead(200, { 'content-type': CONTENT_TYPE }).end(page),
      () => sendText(response, 500, '# the metrics could not be collected\n'),
    )
  }
}

async function describeListenError(error: unknown, place: PrometheusOptions): Promise<string> {
  const { host, port } = place
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? 'unknown error'
  const [problem, advice] = PROBLEMS[code] ?? OTHER_PROBLEM
  const why =
    code === 'EADDRINUSE'
      ? `the port is in use (${code}) by ${(await describeOccupant(place)).words}. ${adviseOtherPort(port)}`
      : `${problem} (${code}). ${advice}`
  return `cannot serve metrics on ${host}:${port}: ${why} The application goes on; nobody can scrape it.`
}

type Problem = readonly [problem: string, advice: string]
const UNKNOWN_HOST: Problem = [
  'the host name is unknown',
  `Set ${HOST_VARIABLE} to localhost, 0.0.0.0 or an address.`,
]
const OTHER_PROBLEM: Problem = ['it could not listen', `Set ${PORT_VARIABLE} to a free port.`]
/** By the system's error code. */
const PROBLEMS: Readonly<Record<string, Problem>> = {
  EACCES: [
    'this user is not permitted to use the port',
    `Ports below 1024 are for administrators: set ${PORT_VARIABLE} to one above 1023.`,
  ],
  EADDRNOTAVAIL: [
    'this machine does not have that address',
    `Set ${HOST_VARIABLE} to an address of this machine, or to 0.0.0.0 for all of them.`,
  ],
  ENOTFOUND: UNKNOWN_HOST,
  EAI_AGAIN: UNKNOWN_HOST,
}

function adviseOtherPort(port: number): string {
  const other = `set ${PORT_VARIABLE} to a port of its own (${port + 1}, say) and scrape that one as well, or the option "prometheus" to false`
  if (!isMainThread) return `This is a worker thread, which needs a port of its own: ${other}.`
  // Not an import: it would load modules before tracers can patch them.
  const { worker } = getBuiltinModule('node:cluster') as unknown as Cluster
  if (worker !== undefined)
    return `This is worker ${worker.id} of a cluster, and every worker counts its own calls: ${other}. docs/beside-other-tools.md has a recipe for cluster and PM2.`
  return `Every process counts its own calls: ${other}.`
}
