/** Checks that the runtime is a supported Node.js. */
import { engines } from '../../package.json'
import { findOtherRuntime } from '../other-runtimes.ts'
import type { Check } from './check.ts'
import { isInRange } from './version-range.ts'

const NAME = 'Node.js'
/** `versions`: `process.versions`. */
export function checkRuntime(versions: Readonly<Record<string, string | undefined>>): Check {
  const other = findOtherRuntime(versions)
  if (other !== undefined)
    return {
      name: NAME,
      status: 'failure',
      summary: `this is ${other.name}: ${other.observed}`,
      advice: 'Run the service on Node.js.',
    }
  const version = versions['node'] ?? 'unknown'
  if (isInRange(version, engines.node)) return { name: NAME, status: 'ok', summary: version }
  return {
    name: NAME,
    status: 'failure',
    summary: `${version} is not supported`,
    advice: `Use Node.js ${engines.node}.`,
  }
}
