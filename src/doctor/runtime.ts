/** Is this a runtime on which calls can be observed? */
import { engines } from '../../package.json'
import type { Check } from './check.ts'
import { isInRange } from './version-range.ts'

const NAME = 'Node.js'
/** Runtimes that present themselves as Node.js as well, by their key in `process.versions`. */
const OTHERS: Readonly<Record<string, string>> = {
  bun: 'Bun publishes no diagnostics channel for fetch: only node:http clients are observed. Run the service on Node.js.',
  deno: 'Deno publishes no diagnostics channel for its own fetch: only npm undici and node:http clients are observed. Run the service on Node.js.',
}

export function checkRuntime(versions: Readonly<Record<string, string | undefined>>): Check {
  for (const [runtime, advice] of Object.entries(OTHERS)) {
    const version = versions[runtime]
    if (version !== undefined)
      return { name: NAME, status: 'failure', summary: `this is ${runtime} ${version}`, advice }
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
