/** Serves `/metrics`, and logs why when it cannot. */
import type { Cluster } from 'node:cluster'
import { isMainThread } from 'node:worker_threads'
import { diag } from '@opentelemetry/api'
import { getBuiltinModule } from '../builtin.ts'
import type { PrometheusOptions } from '../config.ts'
import { sendText, serveHttp, type HttpServer, type Routes } from './http-server.ts'
import { describeOccupant } from './port-occupant.ts'

/** The server of `/metrics`. */
export interface MetricsServer {
  /** Resolves when it listens, or has logged why it cannot. Never rejects. */
  readonly ready: Promise<void>
  close(): Promise<void>
}

/** The media type of Prometheus' text format, version 0.0.4. */
const CONTENT_TYPE = 'text/plain; charset=utf-8; version=0.0.4'
const PORT_VARIABLE = 'OTEL_EXPORTER_PROMETHEUS_PORT'
const HOST_VARIABLE = 'OTEL_EXPORTER_PROMETHEUS_HOST'

/** Listens at once. The server keeps no process alive, nor do connections to it. */
export function serveMetrics(place: PrometheusOptions, text: () => Promise<string>): MetricsServer {
  const { host, port, endpoint } = place
  const listening = serveHttp(host, port, { [endpoint]: answerWith(text) })
  let server: HttpServer | undefined
  const ready = listening.then(
    (started) => {
      started.unref()
      server = started
    },
    async (error: unknown) => diag.error(await describeListenError(error, place)),
  )
  return {
    ready,
    async close() {
      await ready
      await server?.close()
    },
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
  const { problem, detail = '', advice } = await explainFailure(code, place)
  return `aimlapi: cannot serve metrics on ${host}:${port}: ${problem} (${code})${detail}. ${advice} The application goes on; nobody can scrape it.`
}

interface Explanation {
  readonly problem: string
  readonly detail?: string
  readonly advice: string
}

async function explainFailure(code: string, place: PrometheusOptions): Promise<Explanation> {
  switch (code) {
    case 'EADDRINUSE':
      return {
        problem: 'the port is in use',
        detail: ` by ${await describeOccupant(place)}`,
        advice: adviseOtherPort(place.port),
      }
    case 'EACCES':
      return {
        problem: 'this user is not permitted to use the port',
        advice: `Ports below 1024 are for administrators: set ${PORT_VARIABLE} to one above 1023.`,
      }
    case 'EADDRNOTAVAIL':
      return {
        problem: 'this machine does not have that address',
        advice: `Set ${HOST_VARIABLE} to an address of this machine, or to 0.0.0.0 for all of them.`,
      }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        problem: 'the host name is unknown',
        advice: `Set ${HOST_VARIABLE} to localhost, 0.0.0.0 or an address.`,
      }
    default:
      return { problem: 'it could not listen', advice: `Set ${PORT_VARIABLE} to a free port.` }
  }
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
