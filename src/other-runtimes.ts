/** Runtimes that present themselves as Node.js as well. They publish less about the calls that they make. */

export interface OtherRuntime {
  /** With its version: `Bun 1.4.5`. */
  readonly name: string
  /** Which calls are seen there, and which are not: a sentence without its full stop. */
  readonly observed: string
}

/** By the key in `process.versions`. */
const OTHERS: Readonly<Record<string, OtherRuntime>> = {
  bun: { name: 'Bun', observed: 'only node:http clients are observed; fetch and undici are not' },
  deno: {
    name: 'Deno',
    observed: 'only node:http clients and npm undici are observed; fetch is not',
  },
}

/** `undefined` on Node.js. `versions`: `process.versions`. */
export function findOtherRuntime(
  versions: Readonly<Record<string, string | undefined>>,
): OtherRuntime | undefined {
  for (const [key, { name, observed }] of Object.entries(OTHERS)) {
    const version = versions[key]
    if (version !== undefined) return { name: `${name} ${version}`, observed }
  }
  return undefined
}
