/** Installs the packed package for real with the other package managers, and runs a program with our flag there. */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findFreePort } from '../../../free-port.ts'
import { startSimulator } from '../../../simulator/index.ts'
import { REGISTER } from '../houses/cells.ts'
import { startScript } from '../houses/script.ts'
import { differs } from '../judge.ts'
import { isInstalled, nodeBinary, SUITE } from '../layout.ts'
import type { Installing } from './resolve.ts'

const execute = promisify(execFile)

interface Manager {
  readonly row: string
  /** In the suite's node_modules. */
  readonly program: string
  /** What a reader types before the name of the package. */
  readonly words: readonly string[]
  /** Yarn installs no peer: the reader names it. */
  readonly peers?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Flags of Node without which nothing is found. */
  readonly flags?: readonly string[]
}

const OURS = 'opentelemetry-instrumentation-aimlapi'
const PEERS = ['@opentelemetry/api@1.9.1']
const YARN_4: Manager = {
  row: 'yarn 4',
  program: '@yarnpkg/cli-dist/bin/yarn.js',
  words: ['add'],
  peers: PEERS,
}

/** pnpm leaves out what a package does not name itself. */
const MANAGERS: readonly Manager[] = [
  { row: 'npm, nothing else in the project', program: 'npm11/bin/npm-cli.js', words: ['install'] },
  { row: 'pnpm, without hoisting', program: 'pnpm/bin/pnpm.cjs', words: ['add', '--config.hoist=false'] },
  { row: 'yarn 1', program: 'yarn/bin/yarn.js', words: ['add'] },
  { ...YARN_4, row: 'yarn 4, node-modules', environment: { YARN_NODE_LINKER: 'node-modules' } },
  {
    ...YARN_4,
    row: "yarn 4, Plug'n'Play",
    environment: { YARN_NODE_LINKER: 'pnp' },
    // What `yarn node` adds.
    flags: ['--require', './.pnp.cjs', '--experimental-loader', './.pnp.loader.mjs', '--no-warnings'],
  },
]

export const MANAGER_INSTALLINGS: readonly Installing[] = MANAGERS.map((manager) => ({
  row: manager.row,
  column: 'installed and run on Node 24',
  resolve: (tarball: string) => installAndRun(manager, tarball),
})).filter(() => isInstalled(24))

/** Yarn 4 reads no .npmrc, where the registry of npm may be. */
async function yarnSettings(folder: string): Promise<Record<string, string>> {
  const { stdout } = await execute('npm', ['config', 'get', 'registry'])
  const registry = stdout.trim()
  return {
    YARN_NPM_REGISTRY_SERVER: registry,
    ...(registry.startsWith('http:') && { YARN_UNSAFE_HTTP_WHITELIST: new URL(registry).hostname }),
    YARN_GLOBAL_FOLDER: join(folder, '.yarn-global'),
    YARN_ENABLE_TELEMETRY: '0',
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
  }
}

async function installAndRun(manager: Manager, tarball: string): Promise<string[]> {
  const { program, words, peers = [], flags = [] } = manager
  const folder = await mkdtemp(join(tmpdir(), 'aimlapi-project-'))
  const simulator = await startSimulator()
  try {
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n')
    const env = {
      ...process.env,
      ...(manager.environment && { ...(await yarnSettings(folder)), ...manager.environment }),
      PATH: `${SUITE}/node_modules/node24/bin:${process.env['PATH'] ?? ''}`,
    }
    const parameters = [`${SUITE}/node_modules/${program}`, ...words, `${OURS}@file:${tarball}`, ...peers]
    await execute(nodeBinary(24), parameters, { cwd: folder, env })
    await cp(`${SUITE}/house-programs/recipes`, join(folder, 'programs'), { recursive: true })
    const environment = { OTEL_EXPORTER_PROMETHEUS_PORT: String(await findFreePort()) }
    const script = startScript(
      { folder, node: 24, file: 'script-scraped.mjs', flags: [...flags, '--import', REGISTER], environment },
      simulator,
    )
    const said = await script.said
    const { end, stderr } = await script.ended
    return [...differs('calls counted', said?.result, '1'), ...differs('end', [end, stderr], [0, ''])]
  } catch (error) {
    const { stdout = '', stderr = String(error) } = error as { stdout?: string; stderr?: string }
    return [`it fails: ${(stdout + stderr).slice(-400)}`]
  } finally {
    await simulator.close()
    await rm(folder, { recursive: true, force: true })
  }
}
