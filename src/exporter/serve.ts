/** Runs the exporter: polls the accounts and serves their metrics until it is stopped. */
import { version } from '../../package.json'
import { connectAccounts, type AccountDependencies } from '../account-connection.ts'
import { loadBundled } from '../bundled.ts'
import { SCOPE_NAME } from '../telemetry/names.ts'
import { showProcessStart, showTimeZone } from '../telemetry/process-gauges.ts'
import { sendText, serveHttp } from '../sdk/http-server.ts'
import { createMetricReaders } from '../sdk/metric-readers.ts'
import { answerWith } from '../sdk/metrics-server.ts'
import type { RunInvocation } from './invocation.ts'
import { readHealth, readReadiness } from './readiness.ts'

/** Starts to listen and to poll. Resolves to a function that stops both; rejects with the system's error when it cannot listen. */
export async function serve(
  { config, prometheus }: Pick<RunInvocation, 'config' | 'prometheus'>,
  dependencies?: AccountDependencies,
): Promise<() => Promise<void>> {
  const { host, port, endpoint } = prometheus
  // Without `target_info`: the metrics describe accounts, not this process.
  const readers = createMetricReaders(config, true)
  const provider = new (loadBundled('metrics').MeterProvider)({ readers: readers.all })
  const meter = provider.getMeter(SCOPE_NAME, version)
  const removeProcessGauges = [showProcessStart(meter), showTimeZone(meter)]
  const { watch, metrics } = connectAccounts(config, meter, dependencies)
  const stopWatching = async (): Promise<void> => {
    watch.stop()
    await provider.shutdown().catch(() => {})
    metrics.dispose()
    for (const remove of removeProcessGauges) remove()
  }
  try {
    const names = config.balance.enabled ? config.accounts.map(({ name }) => name) : []
    const server = await serveHttp(host, port, {
      [endpoint]: answerWith(readers.text),
      '/healthz': (_request, response) => sendText(response, 200, readHealth(watch.health())),
      '/readyz': (_request, response) => {
        const { status, text } = readReadiness(names, watch.snapshots(), watch.health())
        sendText(response, status, text)
      },
    })
    return async () => {
      await server.close()
      await stopWatching()
    }
  } catch (error) {
    await stopWatching()
    throw error
  }
}
