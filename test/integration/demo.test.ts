/** What a newcomer does: `npm run demo` in a clone, with a real Prometheus on the PATH. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { isInstalled } from '../../docker/mixin/servers/server-process.ts'
import { findFreePorts } from '../free-port.ts'
import { listRepositoryFiles, REPOSITORY } from '../examples/repository.ts'

const here = isInstalled('prometheus') && isInstalled('promtool')
if (!here) console.warn('prometheus is not installed: the demo is not scraped')
const PATIENCE = { timeout: 60_000, interval: 500 }

/** Only what is in the repository; the dependencies are those of this one. */
function cloneInto(folder: string): void {
  for (const file of listRepositoryFiles()) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(REPOSITORY, file), join(folder, file))
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
}

/** What promtool says of an exposition: nothing when it is clean. */
function checkMetrics(text: string): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile('promtool', ['check', 'metrics'], (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    )
    child.stdin?.end(text)
  })
}

describe.skipIf(!here)('the demo in a clone', () => {
  let clone: string
  let demo: ChildProcess
  let printed = ''
  let addresses: Readonly<Record<string, string>>

  beforeAll(async () => {
    clone = mkdtempSync(join(tmpdir(), 'aimlapi-demo-clone-'))
    cloneInto(clone)
    const [port] = await findFreePorts(1)
    demo = spawn('npm', ['run', '--silent', 'demo', '--', '--port', String(port)], { cwd: clone })
    demo.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    demo.stderr?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    await vi.waitFor(() => expect(printed).toContain('prometheus: http'), PATIENCE)
    addresses = Object.fromEntries(
      [...printed.matchAll(/^(metrics|prometheus): (\S+)$/gm)].map(([, name, url]) => [name, url]),
    )
  }, 120_000)
  afterAll(async () => {
    if (demo.exitCode === null && demo.signalCode === null) {
      demo.kill('SIGINT')
      await once(demo, 'exit')
    }
    rmSync(clone, { recursive: true, force: true })
  })

  test.each([
    'aimlapi_credits_used_total',
    'aimlapi_tokens_total',
    'aimlapi_requests_total{error_type!=""}',
    'aimlapi_balance_usd',
    'gen_ai_client_operation_duration_bucket',
    'gen_ai_client_token_usage_bucket',
    'gen_ai_client_operation_time_to_first_chunk_bucket',
  ])(
    'shows a Prometheus %s above zero',
    async (selector) => {
      const query = new URLSearchParams({ query: `sum(${selector})` })
      const value = async () => {
        const answer = await fetch(`${addresses['prometheus']}/api/v1/query?${query}`)
        const { data } = (await answer.json()) as { data: { result: Array<{ value: [number, string] }> } }
        return Number(data.result[0]?.value[1] ?? 0)
      }
      await expect.poll(value, PATIENCE).toBeGreaterThan(0)
    },
    PATIENCE.timeout + 10_000,
  )

  test('is clean for promtool check metrics', async () => {
    const text = await (await fetch(addresses['metrics'] as string)).text()
    expect(text).toContain('aimlapi_requests_total{')
    expect(await checkMetrics(text)).toBe('')
  })

  test('prints a live table with models, teams and US dollars', async () => {
    await vi.waitFor(() => expect(printed).toMatch(/^gpt-4o( +[\d,.]+){7}$/m), PATIENCE)
    expect(printed).toMatch(/^model +calls +failed +broken off +tokens in +tokens out +credits +USD$/m)
    expect(printed).toMatch(/^teams +support [\d,]+ · search [\d,]+$/m)
  }, 70_000)

  test('ends everything at Ctrl-C, with exit code 0', async () => {
    demo.kill('SIGINT')
    const [code] = (await once(demo, 'exit')) as [number | null]
    expect(code).toBe(0)
    for (const address of Object.values(addresses))
      await expect(fetch(address)).rejects.toThrow('fetch failed')
  }, 30_000)
})
