/** The table of supported versions: what package.json accepts, and what the compatibility suite installs and runs. */
import { readdirSync, readFileSync } from 'node:fs'
import { dependencies, engines, peerDependencies } from '../../package.json'
import { BUNDLED_PACKAGES } from '../../src/bundled-packages.ts'
import { code, formatTable } from './table.ts'

const SUITE = new URL('../../test/compat/', import.meta.url)
/** What is no client but a tool of the suite. */
const TOOLS: ReadonlySet<string> = new Set([
  '@langchain/core',
  '@msgpack/msgpack',
  '@types/node',
  '@yarnpkg/cli-dist',
  'esbuild',
  'npm',
  'pnpm',
  'typescript',
  'yarn',
  'zod',
])
/** By name, with what is accepted. */
const SDK_PACKAGES: Readonly<Record<string, string>> = {
  ...peerDependencies,
  ...dependencies,
  '@opentelemetry/sdk-node': '>=0.204.0 <0.400.0',
}

export function formatVersions(): string {
  const clients = readDependencies('package.json')
  const nodes = clients.get('node') ?? []
  clients.delete('node')
  const sdks = readdirSync(SUITE)
    .filter((folder) => folder.startsWith('sdk'))
    .map((folder) => readDependencies(`${folder}/package.json`))
  return formatTable(
    ['What', 'Accepted', 'Run by the suite'],
    [
      ['Node.js', code(engines.node), nodes.join(', ')],
      ...Object.entries(SDK_PACKAGES).map(([name, range]) => [
        code(name),
        code(range),
        [...new Set(sdks.flatMap((versions) => versions.get(name) ?? []))].join(', ') || '–',
      ]),
      ...[...clients]
        .filter(([name]) => !TOOLS.has(name))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, versions]) => [code(name), '–', versions.join(', ')]),
    ],
  )
}

/** What is built into the package, by version. */
export function formatBundled(): string {
  return formatTable(
    ['Built in', 'Version'],
    Object.entries(BUNDLED_PACKAGES).map(([name, version]) => [code(name), version]),
  )
}

/** Versions by the package's real name, in ascending order; several versions stand under aliases. */
function readDependencies(file: string): Map<string, string[]> {
  const { dependencies, optionalDependencies } = JSON.parse(
    readFileSync(new URL(file, SUITE), 'utf8'),
  ) as Partial<Record<'dependencies' | 'optionalDependencies', Record<string, string>>>
  const versions = new Map<string, string[]>()
  for (const [alias, specifier] of Object.entries({ ...dependencies, ...optionalDependencies })) {
    const match = /^npm:(.+)@([^@]+)$/.exec(specifier)
    const name = (match?.[1] ?? alias).replace(/^node-linux-.*$/, 'node')
    const version = match?.[2] ?? specifier
    const known = versions.get(name) ?? []
    // The benchmark wants one of them under its own name as well.
    if (!known.includes(version)) versions.set(name, [...known, version])
  }
  for (const list of versions.values()) list.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  return versions
}
