/** Lets npm resolve the packed package into each project, in both orders, as the npm of each Node does. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isInstalled, nodeBinary, SUITE, type NodeMajor } from '../layout.ts'
import { findCopy, readLockFile } from './lock-file.ts'
import { PROJECTS, type Project } from './projects.ts'

const execute = promisify(execFile)
const OURS = 'opentelemetry-instrumentation-aimlapi'
const API = '@opentelemetry/api'
/** Nothing is installed: the lock file says what would be. */
const RESOLVE_ONLY = ['--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund']

/** The npm that each Node came with when it was new. Peers that conflict are an error from Node 22 on only. */
const NPMS: readonly { readonly node: NodeMajor; readonly npm: string }[] = [
  { node: 20, npm: 'npm10' },
  { node: 22, npm: 'npm10' },
  { node: 24, npm: 'npm11' },
]

const ORDERS = ['added to the project', 'before the project'] as const

export interface Installing {
  readonly row: string
  readonly column: string
  readonly resolve: (tarball: string) => Promise<string[]>
}

export const INSTALLINGS: readonly Installing[] = PROJECTS.flatMap((project) =>
  NPMS.flatMap(({ node, npm }) =>
    ORDERS.map((order) => ({
      row: project.name,
      column: `${npm} on Node ${node}, ${order}`,
      resolve: (tarball: string) => resolveInto(project, node, npm, order, tarball),
    })),
  ),
).filter(() => isInstalled(24))

/** @returns findings: what npm refused, what it warned of, and who would get a second copy of the API. */
async function resolveInto(
  project: Project,
  node: NodeMajor,
  npm: string,
  order: (typeof ORDERS)[number],
  tarball: string,
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'aimlapi-project-'))
  try {
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n')
    const theirs = Object.entries(project.dependencies).map(([name, version]) => `${name}@${version}`)
    const steps = order === 'added to the project' ? [theirs, [tarball]] : [[tarball], theirs]
    for (const packages of steps) {
      if (packages.length === 0) continue
      const program = `${SUITE}/node_modules/${npm}/bin/npm-cli.js`
      const parameters = [program, 'install', ...RESOLVE_ONLY, '--prefer-offline', ...packages]
      const { stderr } = await execute(nodeBinary(node), parameters, { cwd: folder })
      const complaints = stderr.split('\n').filter((line) => line.includes(OURS))
      if (complaints.length > 0) return complaints
    }
    return await findSecondCopies(folder, project)
  } catch (error) {
    const { stderr = String(error) } = error as { stderr?: string }
    const lines = stderr
      .split('\n')
      .filter((line) => /npm (error|ERR!) (?!code|Fix|this|For|to accept)/.test(line))
    return [`npm fails: ${(lines.length > 0 ? lines : [stderr]).slice(0, 6).join(' ').slice(0, 400)}`]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function findSecondCopies(folder: string, { dependencies, tool }: Project): Promise<string[]> {
  const lock = await readLockFile(folder)
  const ours = findCopy(lock, `node_modules/${OURS}`, API)
  if (ours === undefined) return [`${API} is not installed`]
  const users = [`node_modules/${OURS}`, `node_modules/@opentelemetry/instrumentation`]
  if (tool !== undefined) users.push(`node_modules/${tool}`)
  if (API in dependencies) users.push('')
  return users.flatMap((user) => {
    const copy = findCopy(lock, user, API)
    return copy === undefined || copy === ours
      ? []
      : [`${user || 'the project'} uses ${copy}, and the package ${ours}`]
  })
}
