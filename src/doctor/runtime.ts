/** Checks that the runtime is a supported Node.js. */
import { engines } from '../../package.json'
import { findOtherRuntime } from '../other-runtimes.ts'
import { findingsOf, type Check } from './check.ts'
import { isInRange } from './version-range.ts'

const { ok, failure } = findingsOf('Node.js')

/** `versions`: `process.versions`. */
export function checkRuntime(versions: Readonly<Record<string, string | undefined>>): Check {
  const other = findOtherRuntime(versions)
  if (other !== undefined)
    return failure(`this is ${other.name}: ${other.observed}`, 'Run the service on Node.js.')
  const version = versions['node'] ?? 'unknown'
  return isInRange(version, engines.node)
    ? ok(version)
    : failure(`${version} is not supported`, `Use Node.js ${engines.node}.`)
}
