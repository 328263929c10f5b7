/**
 * `npm run releases:check`: are there newer releases of what is built into this package? A fix in one of them reaches
 * nobody until this package is released with it. Asks the registry through `npm view`. Prints each that is behind and
 * ends with 1; with 2 when the registry gives no answer.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { devDependencies } from '../../package.json'
import { findNewer, listBuiltIn, readVersions } from './newer.ts'

const FOLDER = new URL('../../src/bundled/', import.meta.url)
const TIMEOUT_MS = 60_000

function readPublished(name: string, range: string): string[] {
  const words = ['view', `${name}@${range}`, 'version', '--json']
  return readVersions(execFileSync('npm', words, { encoding: 'utf8', timeout: TIMEOUT_MS }))
}

try {
  const sources = readdirSync(FOLDER).map((file) => readFileSync(new URL(file, FOLDER), 'utf8'))
  const builtIn = listBuiltIn(sources, devDependencies)
  const behind = builtIn.flatMap(({ name, version, range }) => {
    const newer = findNewer(version, readPublished(name, range))
    return newer === undefined ? [] : [`${name} ${version}: ${newer} is out`]
  })
  console.log(behind.length === 0 ? `${builtIn.length} built-in packages are the newest` : behind.join('\n'))
  process.exitCode = behind.length === 0 ? 0 : 1
} catch (error) {
  console.error(`the registry could not be asked: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 2
}
