/** The Prometheus exporter, with a server that never keeps the process alive. */
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import type { PrometheusOptions } from '../config.ts'
import { serveHttp, type HttpServer } from './http-server.ts'

/**
 * The exporter's own server lets the process end, but not the connections to it: a Prometheus that scrapes every
 * few seconds keeps its connection open, and with it a process that has nothing left to do.
 */
export class PrometheusEndpoint extends PrometheusExporter {
  readonly #place: PrometheusOptions
  #server: Promise<HttpServer> | undefined

  /** Does not listen before `startServer()`. */
  constructor(place: PrometheusOptions) {
    // One scope only: its labels would split every series at each upgrade.
    super({ withoutScopeInfo: true, preventServerStart: true })
    this.#place = place
  }

  /** Rejects with the system's error when it cannot listen. */
  override async startServer(): Promise<void> {
    const { host, port, endpoint } = this.#place
    this.#server ??= serveHttp(host, port, {
      [endpoint]: (request, response) => this.getMetricsRequestHandler(request, response),
    })
    const server = await this.#server
    server.unref()
  }

  override async stopServer(): Promise<void> {
    const server = await this.#server?.catch(() => undefined)
    await server?.close()
  }
}
