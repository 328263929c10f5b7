import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findFreePort } from '../free-port.ts'
import { startApi, type LocalServer } from './register-support/http.ts'

const execute = promisify(execFile)
const PROGRAM = path.join(import.meta.dirname, 'register-support/bundled-service.mjs')
/** CommonJS packages inside an ES module ask for a `require`. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

let api: LocalServer
let folder: string

beforeAll(async () => {
  api = await startApi()
  folder = await mkdtemp(path.join(tmpdir(), 'aimlapi-bundle-'))
})
afterAll(async () => {
  api.close()
  await rm(folder, { recursive: true, force: true })
})

/** Bundles the service and runs it where no package can be found. */
async function runBundle(format: 'esm' | 'cjs', minify: boolean, external: readonly string[] = []) {
  const outfile = path.join(
    folder,
    `${format}-${minify}-${external.length}.${format === 'esm' ? 'mjs' : 'cjs'}`,
  )
  await build({
    entryPoints: [PROGRAM],
    bundle: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    format,
    minify,
    outfile,
    external: [...external],
    ...(format === 'esm' ? { banner: { js: BANNER } } : {}),
  })
  const port = String(await findFreePort())
  const { stdout, stderr } = await execute(process.execPath, [outfile], {
    cwd: folder,
    env: {
      AIMLAPI_BASE_URLS: api.url,
      AIMLAPI_API_KEY: 'canary0123456789canary0123456789',
      AIMLAPI_BALANCE_INTERVAL_MS: '0',
      AIMLAPI_SETTLEMENT_INTERVAL_MS: '0',
      OTEL_EXPORTER_PROMETHEUS_PORT: port,
    },
  })
  return { stdout, stderr }
}

it.each([
  ['esm', false],
  ['esm', true],
  ['cjs', false],
  ['cjs', true],
] as const)('a bundle of %s (minified: %s) counts calls and serves /metrics', async (format, minify) => {
  const { stdout, stderr } = await runBundle(format, minify)
  expect(stdout).toMatch(/^aimlapi_requests_total\{[^}]*gen_ai_request_model="gpt-5"[^}]*\} 1$/m)
  expect(stdout).toMatch(/^aimlapi_credits_used_total\{[^}]*\} 2000$/m)
  expect(stderr).toBe('')
})

it.each(['esm', 'cjs'] as const)(
  'a bundle of %s without the built-in files goes on, and says in one line what to do',
  async (format) => {
    const { stdout, stderr } = await runBundle(format, false, ['./metrics.cjs'])
    expect(stdout).toContain('the application goes on')
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(
        /left dist\/bundled\/[\w-]+\.cjs behind: make opentelemetry-instrumentation-aimlapi external$/,
      ),
    ])
  },
)
