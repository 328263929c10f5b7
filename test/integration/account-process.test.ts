import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** Takes every request and answers none. */
const hanging = createServer(() => {})

beforeAll(() => new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve)))
afterAll(() => {
  hanging.closeAllConnections()
  hanging.close()
})

/** Runs a program with a watch over a hanging account API that is in the middle of everything. */
async function run(rest: string): Promise<{ code: number | null; output: string }> {
  const { port } = hanging.address() as AddressInfo
  const program = `
    import { watchAccounts } from '${new URL('../../src/account/watch.ts', import.meta.url).href}'
    const on = { enabled: true, intervalMs: 100 }
    const watch = watchAccounts({
      accounts: [{ name: 'a', apiKey: 'key' }],
      baseUrl: 'http://localhost:${port}',
      balance: on,
      settlement: { ...on, maxPending: 10, settleOnShutdown: true },
      ledger: on,
      // Says so if the process lives until the requests time out.
      onPoll: (...poll) => console.log(...poll),
      onLedgerEntry() {},
    })
    const call = { account: 'a', inferenceId: 'x', startTimeMs: Date.now(), settled() {}, lost() {} }
    watch.settlement.add(call)
    // Long enough for every poll to hang.
    await new Promise((resolve) => setTimeout(resolve, 500))
    ${rest}
  `
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
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

  it('lives until the last attempt to settle is over, and no longer', async () => {
    const end = `await watch.flush(); watch.stop(); console.log('flushed')`
    expect(await run(end)).toStrictEqual({ code: 0, output: 'flushed\n' })
  })

  it('ends at once when it stops watching', async () => {
    expect(await run(`watch.stop(); console.log('stopped')`)).toStrictEqual({ code: 0, output: 'stopped\n' })
  })
})
