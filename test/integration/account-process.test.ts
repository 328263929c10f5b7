import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Takes every request and answers none. */
const hanging = createServer(() => {}).on('connect', () => {})

beforeAll(() => new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve)))
afterAll(() => {
  hanging.closeAllConnections()
  hanging.close()
})

/** Runs a program with a watch over a hanging account API that is in the middle of everything. */
async function run(
  rest: string,
  { baseUrl = '', ...environment } = {},
): Promise<{ code: number | null; output: string }> {
  const { port } = hanging.address() as AddressInfo
  const program = `
    import { watchAccounts } from '${new URL('../../src/account/watch-accounts.ts', import.meta.url).href}'
    const on = { enabled: true, intervalMs: 100 }
    const watch = watchAccounts({
      accounts: [{ name: 'a', apiKey: 'key' }],
      managementKeys: new Map(),
      maxModels: 200,
      accountBaseUrl: '${baseUrl || `http://localhost:${port}`}',
      balance: on,
      settlement: { ...on, maxPending: 10, settleOnShutdown: true },
      usage: on,
      ledger: on,
      // Says so if the process lives until the requests time out.
      onPoll: (...poll) => console.log(...poll),
      onLedgerEntry() {},
      onCharged() {},
      onUsage() {},
    })
    const call = { account: 'a', inferenceIds: ['x'], startTimeMs: Date.now(), accepts: () => true, found() {}, lost() {} }
    watch.settlement.add(call)
    // Long enough for every poll to hang.
    await new Promise((resolve) => setTimeout(resolve, 500))
    ${rest}
  `
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
    timeout: 40_000,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, output }
}

describe('a process whose account API hangs', { timeout: 60_000 }, () => {
  it('ends when its own work is done', async () => {
    expect(await run(`console.log('done')`)).toStrictEqual({ code: 0, output: 'done\n' })
  })

  it.each(['http://api.example.test', 'https://api.example.test'])(
    'ends when its own work is done, also where a proxy hangs on the way to %s',
    async (baseUrl) => {
      const { port } = hanging.address() as AddressInfo
      const proxy = `http://127.0.0.1:${port}`
      const environment = { baseUrl, HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: '' }
      expect(await run(`console.log('done')`, environment)).toStrictEqual({ code: 0, output: 'done\n' })
    },
  )

  it('lives until the last attempt to settle is over, and no longer', async () => {
    const end = `await watch.flush(); watch.stop(); console.log('flushed')`
    expect(await run(end)).toStrictEqual({ code: 0, output: 'flushed\n' })
  })

  it('ends at once when it stops watching', async () => {
    expect(await run(`watch.stop(); console.log('stopped')`)).toStrictEqual({ code: 0, output: 'stopped\n' })
  })
})
