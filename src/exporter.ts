#!/usr/bin/env node
/** The bin `aimlapi-exporter`: the account metrics of one or more accounts, in a process of their own. */
import { version } from '../package.json'
import { ignoreClosedPipes } from './closed-pipes.ts'
import { ConfigurationError, readProcessEnvironment, showPrometheusUrl } from './config.ts'
import { readInvocation, USAGE, type RunInvocation } from './exporter/invocation.ts'
import { readReports } from './exporter/reports.ts'
import { formatReports, isComplete } from './exporter/runway.ts'
import { serve } from './exporter/serve.ts'
import { ensureLogger } from './sdk/logger.ts'
import { formatSpend } from './spend/table.ts'

async function main(words: readonly string[]): Promise<number> {
  const invocation = readInvocation(words, readProcessEnvironment())
  switch (invocation.command) {
    case 'help':
      process.stdout.write(USAGE)
      return 0
    case 'version':
      process.stdout.write(`${version}\n`)
      return 0
    case 'once':
      return printOnce(invocation)
    case 'serve':
      return serveUntilStopped(invocation)
  }
}

async function printOnce({ config, warnings }: RunInvocation): Promise<number> {
  for (const warning of warnings) complain(warning)
  // Sockets of account requests do not keep a process alive; this timer does, until everything is read.
  const staying = setInterval(() => {}, 60_000)
  const { reports, spend } = await readReports(config).finally(() => clearInterval(staying))
  process.stdout.write(`${formatReports(reports)}\n${formatSpend(spend, 'model')}`)
  return isComplete(reports) ? 0 : 1
}

async function serveUntilStopped(invocation: RunInvocation): Promise<number> {
  const { config, prometheus, warnings } = invocation
  ensureLogger(config.sdk.logLevel)
  for (const warning of warnings) complain(warning)
  // Before the start, so that a signal during it is not lost.
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
  const { host, port } = prometheus
  const stop = await serve(invocation).catch((error: NodeJS.ErrnoException) => {
    if (error.syscall === undefined) throw error
    complain(`cannot listen on ${host}:${port} (${error.code}); see --host and --port`)
  })
  if (stop === undefined) return 1
  const names = config.accounts.map(({ name }) => name).join(', ')
  process.stdout.write(`aimlapi-exporter: ${showPrometheusUrl(prometheus)} serves ${names}\n`)
  await stopped
  await stop()
  return 0
}

function complain(line: string): void {
  process.stderr.write(`aimlapi-exporter: ${line}\n`)
}

ignoreClosedPipes()
main(process.argv.slice(2))
  .catch((error: unknown) => {
    // Only messages of our own errors are known to show no key.
    complain(error instanceof ConfigurationError ? error.message : 'failed unexpectedly')
    return error instanceof ConfigurationError ? 2 : 1
  })
  .then((code) => {
    process.exitCode = code
  })
