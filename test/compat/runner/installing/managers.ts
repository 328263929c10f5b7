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

/** What a reader types, after the name of the manager. pnpm leaves out what a package does not name itself. */
const MANAGERS = [
  { row: 'npm, nothing else in the project', program: 'npm11/bin/npm-cli.js', words: ['install'] },
  { row: 'pnpm, without hoisting', program: 'pnpm/bin/pnpm.cjs', words: ['add', '--config.hoist=false'] },
  { row: 'yarn 1', program: 'yarn/bin/yarn.js', words: ['add'] },
] as const

export const MANAGER_INSTALLINGS: readonly Installing[] = MANAGERS.map(({ row, program, words }) => ({
  row,
  column: 'installed and run on Node 24',
  resolve: (tarball: string) => installAndRun(`${SUITE}/node_modules/${program}`, words, tarball),
})).filter(() => isInstalled(24))

async function installAndRun(manager: string, words: readonly string[], tarball: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'aimlapi-project-'))
  const simulator = await startSimulator()
  try {
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n')
    const env = { ...process.env, PATH: `${SUITE}/node_modules/node24/bin:${process.env['PATH'] ?? ''}` }
    await execute(nodeBinary(24), [manager, ...words, tarball], { cwd: folder, env })
    await cp(`${SUITE}/house-programs/recipes`, join(folder, 'programs'), { recursive: true })
    const environment = { OTEL_EXPORTER_PROMETHEUS_PORT: String(await findFreePort()) }
    const script = startScript(
      { folder, node: 24, file: 'script-scraped.mjs', flags: ['--import', REGISTER], environment },
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
