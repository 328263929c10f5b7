/** Installs a house as its lock file says, and the package from its tarball beside it. */
import { execFile } from 'node:child_process'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { houseFolder, nodeBinary, SUITE } from '../layout.ts'

const execute = promisify(execFile)
const NPM = `${SUITE}/node_modules/npm11/bin/npm-cli.js`
const QUIET = ['--ignore-scripts', '--prefer-offline', '--fetch-retries=5', '--no-audit', '--no-fund']

/** The npm that refuses what does not fit: it hides nothing on this Node. */
async function npm(folder: string, ...parameters: string[]): Promise<void> {
  const env = { ...process.env, PATH: `${SUITE}/node_modules/node24/bin:${process.env['PATH'] ?? ''}` }
  await execute(nodeBinary(24), [NPM, ...parameters, ...QUIET], { cwd: folder, env })
}

/** @returns findings: what npm refused. */
export async function installHouse(name: string, tarball: string): Promise<string[]> {
  const folder = houseFolder(name)
  const stamp = `${folder}/node_modules/.installed-lock.json`
  const lock = await readFile(`${folder}/package-lock.json`, 'utf8')
  try {
    // Installed from the same lock file before: what is there is what it says.
    if ((await readFile(stamp, 'utf8').catch(() => '')) !== lock) {
      await npm(folder, 'ci')
      await writeFile(stamp, lock)
    }
    await npm(folder, 'install', '--no-save', '--no-package-lock', tarball)
  } catch (error) {
    const { stderr = String(error) } = error as { stderr?: string }
    return [`npm fails: ${stderr.slice(0, 600)}`]
  }
  await rm(`${folder}/programs`, { recursive: true, force: true })
  await cp(`${SUITE}/house-programs`, `${folder}/programs`, { recursive: true })
  await cp(`${SUITE}/programs/report.cjs`, `${folder}/programs/report.cjs`)
  return name === 'next' ? await buildNext(folder) : []
}

/** A real `next build`. @returns findings: what it could not build. */
async function buildNext(folder: string): Promise<string[]> {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', CELL_ORDER: 'theirs first' }
  const next = `${folder}/node_modules/next/dist/bin/next`
  try {
    await execute(nodeBinary(24), [next, 'build', `${folder}/programs/next-app`], { cwd: folder, env })
    return []
  } catch (error) {
    const { stdout = '', stderr = String(error) } = error as { stdout?: string; stderr?: string }
    return [`next build fails: ${(stdout + stderr).slice(-800)}`]
  }
}
