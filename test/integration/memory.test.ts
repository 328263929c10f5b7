import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_KEY, startSimulator, type Simulator } from '../simulator/index.ts'

const READER = path.join(import.meta.dirname, 'memory-support/reader.mjs')
/** README, "Promises". The bodies below are 50 to 200 MB each. */
const LIMIT_BYTES = 16 * 1024 * 1024
/** What two runs of the same program without us differ by, garbage collection being what it is. */
const NOISE_BYTES = 16 * 1024 * 1024
const FAULTS = [
  `padBytes=${100 * 1024 * 1024}`,
  'deep=5000000; noCreditHeaders',
  'endlessMb=64; noCreditHeaders',
  'bombMb=200; noCreditHeaders',
]

describe('memory of the process', () => {
  let simulator: Simulator

  beforeAll(async () => {
    simulator = await startSimulator()
  })
  afterAll(() => simulator.close())

  async function measureGrowth(mode: 'plain' | 'observed'): Promise<number> {
    const reader = fork(READER, [simulator.url, JSON.stringify(FAULTS), mode], {
      execArgv: ['--expose-gc'],
      env: { ...process.env, KEY: DEFAULT_KEY },
    })
    const [{ growthBytes }] = (await once(reader, 'message')) as [{ growthBytes: number }]
    await once(reader, 'exit')
    return growthBytes
  }

  it('grows by a bounded amount over hostile bodies of hundreds of megabytes', async () => {
    const plainBytes = await measureGrowth('plain')
    const observedBytes = await measureGrowth('observed')
    expect(observedBytes - plainBytes).toBeLessThan(LIMIT_BYTES + NOISE_BYTES)
  }, 120_000)
})
