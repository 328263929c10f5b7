/** The table of supported versions: what the compatibility suite installs and runs. */
import { readFileSync } from 'node:fs'
import { formatTable } from './table.ts'

const SUITE = '../../test/compat/'

/** What is no client but a tool of the suite. */
const TOOLS: ReadonlySet<string> = new Set(['esbuild', 'typescript', 'zod', '@langchain/core', '@types/node'])

export function formatVersions(): string {
  const clients = readDependencies('package.json')
  const nodes = clients.get('node') ?? []
  clients.delete('node')
  const sdks = ['sdk2', 'sdk3'].map((folder) => {
    const versions = readDependencies(`${folder}/package.json`)
    const [sdk, metrics] = ['@opentelemetry/sdk-node', '@opentelemetry/sdk-metrics'].map((name) =>
      versions.get(name)?.join(),
    )
    return `sdk-node ${sdk} with sdk-metrics ${metrics}`
  })
  return formatTable(
    ['What', 'Versions that the suite runs'],
    [
      ['Node.js', nodes.join(', ')],
      ['OpenTelemetry', sdks.join('; ')],
      ...[...clients]
        .filter(([name]) => !TOOLS.has(name))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, versions]) => [`\`${name}\``, versions.join(', ')]),
    ],
  )
}

/** Versions by the package's real name, in ascending order; several versions stand under aliases. */
function readDependencies(file: string): Map<string, string[]> {
  const { dependencies, optionalDependencies } = JSON.parse(
    readFileSync(new URL(SUITE + file, import.meta.url), 'utf8'),
  ) as Partial<Record<'dependencies' | 'optionalDependencies', Record<string, string>>>
  const versions = new Map<string, string[]>()
  for (const [alias, specifier] of Object.entries({ ...dependencies, ...optionalDependencies })) {
    const match = /^npm:(.+)@([^@]+)$/.exec(specifier)
    const name = (match?.[1] ?? alias).replace(/^node-linux-.*$/, 'node')
    versions.set(name, [...(versions.get(name) ?? []), match?.[2] ?? specifier])
  }
  for (const list of versions.values()) list.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  return versions
}
