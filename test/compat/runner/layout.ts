/** Where things are, and which Node versions and SDK generations there are to be had. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const SUITE = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

/** Majors under test, each a binary from npm, so that the machine's own Node does not matter. */
export const NODES = [20, 22, 24, 26] as const
export type NodeMajor = (typeof NODES)[number]

/** Generations of the OpenTelemetry SDK. 3.x needs Node 22.15. */
export const SDKS = [2, 3] as const
export type SdkMajor = (typeof SDKS)[number]

export interface Column {
  readonly node: NodeMajor
  readonly sdk: SdkMajor
}

export function nodeBinary(node: NodeMajor): string {
  return `${SUITE}/node_modules/node${node}/bin/node`
}

/** The binaries are optional dependencies: absent where the platform is not linux-x64. */
export function isInstalled(node: NodeMajor): boolean {
  return existsSync(nodeBinary(node))
}

export function sdkFolder(sdk: SdkMajor): string {
  return `${SUITE}/sdk${sdk}`
}

/** The copy of the programs that finds this SDK and the packed package in the `node_modules` above it. */
export function programsFolder(sdk: SdkMajor): string {
  return `${sdkFolder(sdk)}/programs`
}

/** A project of its own, with its package.json and its lock file. */
export function houseFolder(name: string): string {
  return `${SUITE}/houses/${name}`
}

export function runsOn({ node, sdk }: Column): boolean {
  return sdk === 2 || node >= 22
}
