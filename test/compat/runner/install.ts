/** Brings the suite to where an application would be: locked dependencies, and the package from its tarball. */
import { execFile } from 'node:child_process'
import { cp, rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { programsFolder, REPOSITORY, SDKS, sdkFolder, SUITE } from './layout.ts'

const execute = promisify(execFile)
const QUIET = ['--no-audit', '--no-fund', '--loglevel=error']
/** A registry that is slow for a moment must not fail the suite. */
const CLEAN_INSTALL = ['ci', '--ignore-scripts', '--prefer-offline', '--fetch-retries=5', ...QUIET]

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

/** Whether `npm ls` finds the API in more than one place: each copy would have providers of its own. */
async function hasSecondApi(folder: string): Promise<boolean> {
  const tree = await npm(folder, 'ls', '--all', '--parseable')
  // Each place once, however many packages depend on it.
  const places = tree.split('\n').filter((place) => /[\\/]@opentelemetry[\\/]api$/.test(place))
  return new Set(places).size > 1
}

export interface Installed {
  /** The packed package; whoever is done with it removes it. */
  readonly tarball: string
  /** Whether the application has the API twice since it has ours. */
  readonly findings: readonly string[]
}

/** @param reuse keep the locked dependencies that are installed already. */
export async function install(reuse: boolean): Promise<Installed> {
  const findings: string[] = []
  const tarball = await pack()
  // One after the other: each of them downloads as fast as it can.
  if (!reuse) await npm(SUITE, ...CLEAN_INSTALL)
  for (const sdk of SDKS) {
    const folder = sdkFolder(sdk)
    if (!reuse) await npm(folder, ...CLEAN_INSTALL)
    // The ranges must admit this SDK: npm refuses the tarball, or installs a second SDK beside it, otherwise.
    await npm(folder, 'install', '--no-save', '--no-package-lock', '--strict-peer-deps', ...QUIET, tarball)
    if (await hasSecondApi(folder)) findings.push(`SDK ${sdk}: there are two copies of @opentelemetry/api`)
    await rm(programsFolder(sdk), { recursive: true, force: true })
    await cp(`${SUITE}/programs`, programsFolder(sdk), { recursive: true })
  }
  return { tarball, findings }
}
