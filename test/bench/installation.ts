/** The package as an application has it: packed, and installed into an empty folder. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BUNDLED_PACKAGES } from '../../src/bundled-packages.ts'
import { packPackage } from '../examples/packed-package.ts'
import { programPath } from './processes.ts'

export interface Installation {
  readonly folder: string
  readonly size: InstalledSize
  remove(): void
}

export interface InstalledSize {
  readonly packages: number
  /** Of the files, whatever the disk makes of them. */
  readonly bytes: number
}

const API = '@opentelemetry/api'
const BUILT_IN = ['@opentelemetry/sdk-node', '@opentelemetry/exporter-prometheus'] as const

/** The package as it is packed. */
export function installPackage(): Installation {
  const folder = createFolder()
  const tarball = packPackage(folder)
  const installation = install(folder, [tarball])
  rmSync(tarball)
  return installation
}

/** What the application would have without the package: the newest API that the SDK accepts. */
export function installByHand(): Installation {
  const manifest = new URL(`../../node_modules/${BUILT_IN[0]}/package.json`, import.meta.url)
  const { peerDependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as SdkManifest
  const versions = BUILT_IN.map((name) => `${name}@${BUNDLED_PACKAGES[name]}`)
  return install(createFolder(), [`${API}@${peerDependencies[API]}`, ...versions])
}

interface SdkManifest {
  readonly peerDependencies: { readonly [API]: string }
}

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'aimlapi-startup-'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'empty', private: true }))
  return folder
}

/** With the programs of programs/startup in the folder. */
function install(folder: string, specifiers: readonly string[]): Installation {
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  execFileSync('npm', ['install', ...flags, ...specifiers], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  cpSync(programPath('startup'), folder, { recursive: true })
  return {
    folder,
    size: { packages: countPackages(folder), bytes: sumBytes(join(folder, 'node_modules')) },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function countPackages(folder: string): number {
  const places = execFileSync('npm', ['ls', '--all', '--parseable'], { cwd: folder, encoding: 'utf8' })
  // The first line is the folder itself.
  return places.trim().split('\n').length - 1
}

function sumBytes(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
