/** Checks everything that can keep spend from being shown, in the order in which one would search for a fault. */
import { readProcessEnvironment } from '../config.ts'
import type { Check } from './check.ts'
import { checkAccounts } from './account.ts'
import { checkExporterPort } from './exporter-port.ts'
import { checkHook } from './hook-probe.ts'
import { checkOtlp } from './otlp.ts'
import { checkSettings, checkVariables } from './settings.ts'
import { checkCopies, checkRuntime, checkVersions } from './versions.ts'

/** Everything that was checked. `ok`: nothing failed; warnings may stand. */
export type Diagnosis = Awaited<ReturnType<typeof diagnose>>

/**
 * In the working directory and environment of this process. Sends the key to the API and nowhere else.
 * @param ownDirectory a directory inside this package, from which its peers are looked up.
 */
export async function diagnose(ownDirectory: string) {
  const { check: settings, config } = checkSettings(readProcessEnvironment())
  const checks: Check[] = [
    checkRuntime(process.versions),
    checkVersions(ownDirectory),
    checkCopies(process.cwd()),
    settings,
  ]
  if (config !== undefined) {
    checks.push(
      ...checkVariables(config),
      await checkHook(),
      await checkExporterPort(config.prometheus),
      ...(await checkOtlp(config)),
      ...(await checkAccounts(config)),
    )
  }
  return { ok: checks.every(({ status }) => status !== 'failure'), checks }
}
