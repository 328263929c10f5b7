/** Runs all checks of the doctor, in the order in which one would search for a fault. */
import type { Check, Diagnosis } from './check.ts'
import { checkAccounts } from './account.ts'
import { checkExporterPort } from './exporter-port.ts'
import { checkHook } from './hook-probe.ts'
import { checkCopies, checkVersions } from './opentelemetry.ts'
import { checkOtlp } from './otlp.ts'
import { checkRuntime } from './runtime.ts'
import { checkSettings, checkVariables } from './settings.ts'

/** What is checked. */
export interface DiagnoseOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The application's root, whose `node_modules` is searched for copies. */
  readonly projectDirectory: string
  /** A directory inside this package, from which its peers are looked up. */
  readonly ownDirectory: string
  /** `process.versions`. */
  readonly versions: Readonly<Record<string, string | undefined>>
}

/** Checks everything that can keep spend from being shown. Sends the key to the API and nowhere else. */
export async function diagnose(options: DiagnoseOptions): Promise<Diagnosis> {
  const { environment, projectDirectory, ownDirectory, versions } = options
  const { check: settings, config } = checkSettings(environment)
  const checks: Check[] = [
    checkRuntime(versions),
    checkVersions(ownDirectory),
    checkCopies(projectDirectory),
    settings,
    ...checkVariables(config),
  ]
  if (config !== undefined) {
    checks.push(
      await checkHook(),
      await checkExporterPort(config.prometheus),
      ...(await checkOtlp(config, environment)),
      ...(await checkAccounts(config)),
    )
  }
  return { ok: checks.every(({ status }) => status !== 'failure'), checks }
}
