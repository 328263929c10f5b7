/** Checks that the Prometheus endpoint can listen on its address. */
import { createServer } from 'node:net'
import { HOST_VARIABLE, PORT_VARIABLE, type PrometheusOptions } from '../config/prometheus.ts'
import { describeOccupant } from '../sdk/port-occupant.ts'
import { findingsOf, type Check } from './check.ts'

const { ok, failure, skipped } = findingsOf('exporter port')

export async function checkExporterPort(prometheus: PrometheusOptions | false): Promise<Check> {
  if (prometheus === false) return skipped('the Prometheus endpoint is switched off')
  const { host, port } = prometheus
  const place = `${host}:${port}`
  const code = await tryToListen(host, port)
  if (code === undefined)
    return ok(
      `${place} is free`,
      // Nothing else tells somebody who forgot the flag: the service runs, and is silent.
      'Does your service run on this machine now? Then it serves no metrics: start it with "--import opentelemetry-instrumentation-aimlapi/register" in front of the script.',
    )
  if (code === 'EADDRINUSE') {
    const { words, isOurs } = await describeOccupant(prometheus)
    if (isOurs)
      return ok(
        `${place} serves the metrics of a process that is instrumented already`,
        `A second process on this machine needs a port of its own: set ${PORT_VARIABLE}.`,
      )
    return failure(
      `${place} is in use by ${words}`,
      `Set ${PORT_VARIABLE} to a free port, and scrape that one. The service runs on without metrics until then.`,
    )
  }
  return failure(
    `cannot listen on ${place} (${code})`,
    code === 'EACCES'
      ? `Choose a port above 1023 with ${PORT_VARIABLE}.`
      : `Choose an address of this machine with ${HOST_VARIABLE}, or 0.0.0.0 for all of them.`,
  )
}

/** The system's error code; `undefined` when the port is free. */
function tryToListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}
