import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dependencies } from '../../../package.json'
import { BUNDLED_PACKAGES } from '../../../src/bundled-packages.ts'
import { checkCopies, checkVersions } from '../../../src/doctor/versions.ts'

/** What the package needs, in the versions that belong together. */
function generation(api: string, metrics: string, others: string): Record<string, string> {
  return {
    '@opentelemetry/instrumentation': '0.223.0',
    '@opentelemetry/api': api,
    '@opentelemetry/sdk-metrics': metrics,
    '@opentelemetry/sdk-node': others,
  }
}

const SDK_2 = generation('1.9.1', '2.12.0', '0.223.0')
const SDK_3 = generation('1.10.0', '3.1.0', '0.301.0')

let project: string
let own: string

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'doctor-'))
  own = join(project, 'node_modules', 'opentelemetry-instrumentation-aimlapi', 'dist')
  mkdirSync(own, { recursive: true })
})
afterEach(() => rmSync(project, { recursive: true, force: true }))

/** Puts packages into `node_modules` of a directory below the project. */
function install(packages: Record<string, string>, below = ''): void {
  for (const [name, version] of Object.entries(packages)) {
    const directory = join(project, below, 'node_modules', name)
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ name, version }))
  }
}

describe('the OpenTelemetry packages', () => {
  it.each([
    ['2.x', SDK_2],
    ['3.x', SDK_3],
  ])('of SDK %s are fine', (generation, packages) => {
    install(packages)
    expect(checkVersions(own)).toMatchObject({
      status: 'ok',
      summary: expect.stringContaining(`SDK ${generation}:`),
    })
  })

  it('of an application that has no SDK are fine, and what is built in is named', () => {
    install({ '@opentelemetry/api': '1.10.0', '@opentelemetry/instrumentation': '0.223.0' })
    expect(checkVersions(own)).toMatchObject({
      status: 'ok',
      summary: `api 1.10.0; built in: ${Object.entries(BUNDLED_PACKAGES)
        .map(([name, version]) => `${name.replace('@opentelemetry/', '')} ${version}`)
        .join(', ')}`,
    })
  })

  it('are named with the command that installs them, where they are absent', () => {
    const { '@opentelemetry/instrumentation': _, ...rest } = SDK_2
    install(rest)
    expect(checkVersions(own)).toMatchObject({
      status: 'failure',
      summary: 'not installed: @opentelemetry/instrumentation',
      advice: `Run: npm install "@opentelemetry/instrumentation@${dependencies['@opentelemetry/instrumentation']}"`,
    })
  })

  it('are refused when they are too old', () => {
    install({ ...SDK_2, '@opentelemetry/instrumentation': '0.57.2' })
    expect(checkVersions(own)).toMatchObject({
      status: 'failure',
      summary: expect.stringContaining('@opentelemetry/instrumentation 0.57.2'),
    })
  })

  it.each([
    [{ ...SDK_2, '@opentelemetry/sdk-metrics': '3.1.0' }],
    [{ ...SDK_2, '@opentelemetry/api': '1.10.0' }],
    [{ ...SDK_3, '@opentelemetry/sdk-node': '0.223.0' }],
  ])('of two generations together are a failure (%#)', (packages) => {
    install(packages)
    expect(checkVersions(own)).toMatchObject({
      status: 'failure',
      summary: expect.stringContaining('2.x and 3.x are mixed'),
    })
  })
})

describe('copies of a package', () => {
  it('are fine while there is one of each, also when links lead to it twice', () => {
    install(SDK_2)
    symlinkSync(
      join(project, 'node_modules', '@opentelemetry', 'api'),
      join(project, 'node_modules', 'linked'),
    )
    expect(checkCopies(project)).toMatchObject({ status: 'ok' })
  })

  it('of one version are a warning that says how to find who brings them', () => {
    install(SDK_2)
    install({ '@opentelemetry/api': '1.9.0' }, 'node_modules/@scope/framework')
    expect(checkCopies(project)).toMatchObject({
      status: 'warning',
      summary: expect.stringContaining('@opentelemetry/api 2 times'),
      advice: expect.stringContaining('npm ls @opentelemetry/api'),
    })
  })

  it('of the API in different versions are a failure, since they do not share providers', () => {
    install(SDK_2)
    install({ '@opentelemetry/api': '1.4.1' }, 'node_modules/framework')
    expect(checkCopies(project)).toMatchObject({ status: 'failure' })
  })

  it('are found in the store of pnpm, and of this package too', () => {
    const name = 'opentelemetry-instrumentation-aimlapi'
    install({ [name]: '0.1.0' }, `node_modules/.pnpm/${name}@0.1.0`)
    install({ [name]: '0.0.9' }, `node_modules/.pnpm/${name}@0.0.9`)
    expect(checkCopies(project)).toMatchObject({
      status: 'warning',
      summary: expect.stringContaining(`${name} 2 times`),
    })
  })
})
