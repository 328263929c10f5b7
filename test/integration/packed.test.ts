import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BUNDLED_PACKAGES } from '../../src/bundled-packages.ts'

const execute = promisify(execFile)
const ROOT = path.resolve(import.meta.dirname, '../..')
const NAME = 'opentelemetry-instrumentation-aimlapi'
const PUBLIC = ['AimlapiInstrumentation', 'CREDITS_PER_USD', 'register', 'withSpendTags']
const INSTALL_TIMEOUT_MS = 240_000

let project: string
let files: readonly string[]
let installLog: string

/** Runs a program in the project, with no variable of this test run that could change what it does. */
async function run(...parameters: string[]): Promise<string> {
  const { stdout, stderr } = await execute(process.execPath, parameters, {
    cwd: project,
    env: {
      PATH: process.env['PATH'],
      AIMLAPI_BALANCE_INTERVAL_MS: '0',
      AIMLAPI_SETTLEMENT_INTERVAL_MS: '0',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOG_LEVEL: 'none',
    },
  })
  return stdout + stderr
}

beforeAll(async () => {
  project = await realpath(await mkdtemp(path.join(tmpdir(), 'aimlapi-packed-')))
  const packing = ['pack', '--json', '--ignore-scripts', '--pack-destination', project]
  const { stdout } = await execute('npm', packing, { cwd: ROOT })
  const [{ filename, files: packed }] = JSON.parse(stdout) as [
    { filename: string; files: { path: string }[] },
  ]
  files = packed.map((file) => file.path)
  await writeFile(path.join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true }))
  const install = [
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    `./${filename}`,
  ]
  const { stdout: told, stderr: warned } = await execute('npm', install, { cwd: project })
  installLog = told + warned
}, INSTALL_TIMEOUT_MS)

afterAll(() => rm(project, { recursive: true, force: true }))

describe('the packed package', () => {
  it('holds the build, the documents, the dashboards and their rules, and nothing else', () => {
    const expected =
      /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/[\w.-]+\.(?:mjs|cjs|d\.mts|d\.cts)|dist\/bundled\/[\w.-]+\.cjs|dist\/THIRD-PARTY-LICENSES\.txt|docker\/(?:runbook\.md|kubernetes\/[\w-]+\.yaml|grafana\/dashboards\/[\w-]+\.json|prometheus\/rules\/[\w-]+\.yml|victoria-metrics\/(?:relabel|edge-aggregation)\.yml))$/
    expect(files.filter((file) => !expected.test(file))).toEqual([])
    expect(files).toEqual(
      expect.arrayContaining([
        'package.json',
        'README.md',
        'LICENSE',
        'dist/register.cjs',
        'dist/bundled/metrics.cjs',
        'dist/THIRD-PARTY-LICENSES.txt',
      ]),
    )
  })

  it('installs into an empty project without a complaint about peers or Node', () => {
    expect(installLog).not.toMatch(/ERESOLVE|EBADENGINE|EPEER|deprecated/)
  })

  it('brings one copy of every OpenTelemetry package', async () => {
    const { stdout } = await execute('npm', ['ls', '--all', '--parseable', '--long'], { cwd: project })
    // One line for every place in node_modules.
    const places = new Set(stdout.match(/[^\n:]+[\\/]node_modules[\\/]@opentelemetry[\\/][\w-]+(?=:)/g))
    const names = [...places].map((place) => path.basename(place))
    expect(names.sort()).toEqual(['api', 'api-logs', 'instrumentation'])
  })

  it('says the licence of everything that is built in', async () => {
    const folder = path.join(project, 'node_modules', NAME, 'dist')
    const licences = await readFile(path.join(folder, 'THIRD-PARTY-LICENSES.txt'), 'utf8')
    for (const name of Object.keys(BUNDLED_PACKAGES)) expect(licences).toContain(`Name: ${name}\n`)
    expect(licences).not.toMatch(/License: (?:undefined|null|UNKNOWN)/i)
  })

  it('has no list of the packages that only its development needs', async () => {
    const folder = path.join(project, 'node_modules', NAME, 'dist')
    const files = (await readdir(folder)).filter((file) => /\.[cm]js$/.test(file))
    const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')))
    expect(texts.length).toBeGreaterThan(4)
    for (const text of texts) expect(text).not.toMatch(/devDependencies|oxlint/)
  })

  it('loads its SDK only where it starts one', async () => {
    const print = `console.log(Object.keys(require.cache).filter((file) => /bundled.(?!files)/.test(file)).length > 0)`
    expect(await run('-e', `require('${NAME}'); ${print}`)).toBe('false\n')
    expect(await run('-e', `require('${NAME}').register(); ${print}`)).toBe('true\n')
    const loaded = `console.log(Object.keys(require.cache).some((file) => /node-sdk|otlp/.test(file)))`
    expect(await run('-e', `require('${NAME}').register(); ${loaded}`)).toBe('false\n')
  })

  it('gives the same to import and to require', async () => {
    const print = 'console.log(JSON.stringify(Object.keys(m).filter((name) => name !== "default").sort()))'
    expect(
      JSON.parse(await run('--input-type=module', '-e', `import * as m from '${NAME}'; ${print}`)),
    ).toEqual(PUBLIC)
    expect(
      JSON.parse(await run('--input-type=commonjs', '-e', `const m = require('${NAME}'); ${print}`)),
    ).toEqual(PUBLIC)
  })

  it.each(['--import', '--require'])('registers with %s alone', async (flag) => {
    const print = `console.log(Symbol.for('${NAME}.registration') in globalThis)`
    expect(await run(flag, `${NAME}/register`, '-e', print)).toBe('true\n')
  })

  it('does nothing by merely being imported', async () => {
    const print = `console.log(Object.getOwnPropertySymbols(globalThis).filter((s) => String(s).includes('aimlapi')).length)`
    expect(await run('--input-type=module', '-e', `import '${NAME}'; ${print}`)).toBe('0\n')
  })

  it('has commands that explain themselves', async () => {
    const manifest = await readFile(path.join(project, 'node_modules', NAME, 'package.json'), 'utf8')
    const { bin } = JSON.parse(manifest) as { bin: Record<string, string> }
    expect(await readdir(path.join(project, 'node_modules/.bin'))).toEqual(
      expect.arrayContaining(Object.keys(bin)),
    )
    for (const file of Object.values(bin)) {
      expect(await run(path.join('node_modules', NAME, file), '--help')).toContain('Usage')
    }
  })
})
