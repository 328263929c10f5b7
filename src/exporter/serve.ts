/** The exporter at work: polls the accounts and serves what they say until it is stopped. */
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider, type IMetricReader } from '@opentelemetry/sdk-metrics'
import { version } from '../../package.json'
import { watchAccounts } from '../account/watch.ts'
import { resolveSdkEnvironment } from '../config.ts'
import { createAccountMetrics } from '../telemetry/account-metrics.ts'
import { SCOPE_NAME } from '../telemetry/names.ts'
import { createProcessStart } from '../telemetry/process-start.ts'
import { sendText, serveHttp } from '../sdk/http-server.ts'
import type { RunInvocation } from './invocation.ts'
import { readReadiness } from './readiness.ts'

/** Listens and polls. Rejects with the system's error when it cannot listen; resolves to what stops it all. */
export async function serve({ config, prometheus }: RunInvocation): Promise<() => Promise<void>> {
  const { host, port, endpoint } = prometheus
  // As in a service: one scope only, whose labels would split every series at each upgrade.
  const exporter = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
  })
  const provider = new MeterProvider({ readers: [exporter, ...(await createPushReaders())] })
  const watch = watchAccounts({
    accounts: config.accounts,
    baseUrl: config.accountBaseUrl,
    balance: config.balance,
    settlement: config.settlement,
    ledger: config.ledger,
    onPoll: (account, poll, errorType) => metrics.polled(account, poll, errorType),
    onLedgerEntry: (entry) => metrics.ledgerEntry(entry),
  })
  const meter = provider.getMeter(SCOPE_NAME, version)
  const processStart = createProcessStart(meter)
  const metrics = createAccountMetrics(
    meter,
    { snapshots: () => watch.snapshots(), pendingByAccount: () => watch.settlement.pendingByAccount() },
    { maxModels: config.maxModels },
  )
  const stopWatching = async (): Promise<void> => {
    watch.stop()
    await provider.shutdown().catch(() => {})
    metrics.dispose()
    processStart.dispose()
  }
  try {
    const names = config.accounts.map(({ name }) => name)
    const server = await serveHttp(host, port, {
      [endpoint]: (request, response) => exporter.getMetricsRequestHandler(request, response),
      '/healthz': (_request, response) => sendText(response, 200, 'ok\n'),
      '/readyz': (_request, response) => {
        const { status, text } = readReadiness(config.balance.enabled ? names : [], watch.snapshots())
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

/** OTEL_METRICS_EXPORTER=otlp or console, besides the scrape. Their packages are loaded only then. */
async function createPushReaders(): Promise<IMetricReader[]> {
  const environment = resolveSdkEnvironment()
  if (environment.metricExporters.length === 0) return []
  const { createMetricReaders } = await import('../sdk/metric-readers.ts')
  return [...createMetricReaders(false, environment).all]
}
