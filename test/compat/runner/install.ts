/** Brings the suite to where an application would be: locked dependencies, and the package from its tarball. */
import { execFile } from 'node:child_process'
import { cp, rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { programsFolder, REPOSITORY, SDKS, sdkFolder, SUITE } from './layout.ts'

const execute = promisify(execFile)
const QUIET = ['--no-audit', '--no-fund', '--loglevel=error']

async function npm(folder: string, ...parameters: string[]): Promise<string> {
  const { stdout } = await execute('npm', parameters, { cwd: folder, maxBuffer: 64 * 1024 * 1024 })
  return stdout
}

/** Builds and packs the package. @returns the tarball's path. */
async function pack(): Promise<string> {
  await npm(REPOSITORY, 'run', 'build')
  const [{ filename }] = JSON.parse(await npm(REPOSITORY, 'pack', '--json', '--pack-destination', SUITE)) as [
    { filename: string },
  ]
  return `${SUITE}/${filename}`
}

/** @param reuse keep the locked dependencies that are installed already. */
export async function install(reuse: boolean): Promise<void> {
  const tarball = pack()
  const clients = reuse ? undefined : npm(SUITE, 'ci', '--ignore-scripts', ...QUIET)
  for (const sdk of SDKS) {
    const folder = sdkFolder(sdk)
    if (!reuse) await npm(folder, 'ci', '--ignore-scripts', ...QUIET)
    // The peer ranges must admit this SDK: npm refuses the tarball otherwise.
    await npm(
      folder,
      'install',
      '--no-save',
      '--no-package-lock',
      '--strict-peer-deps',
      ...QUIET,
      await tarball,
    )
    await rm(programsFolder(sdk), { recursive: true, force: true })
    await cp(`${SUITE}/programs`, programsFolder(sdk), { recursive: true })
  }
  await clients
  await rm(await tarball)
}
