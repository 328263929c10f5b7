import { spawn } from 'node:child_process'
import path from 'node:path'
import { expect, it } from 'vitest'
import type { DayEnd } from './memory-support/busy-week.ts'

const PROGRAM = path.join(import.meta.dirname, 'memory-support/busy-week.ts')
const MEBIBYTE = 1024 * 1024

function runWeek(): Promise<DayEnd[]> {
  const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', PROGRAM], {
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (text) => (out += String(text)))
  return new Promise((resolve) => {
    child.on('close', () =>
      resolve(
        out
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as DayEnd),
      ),
    )
  })
}

it('the exporter needs no more memory after a week of new keys and models every day than after three days', async () => {
  const days = await runWeek()
  expect(days).toHaveLength(7)
  const [third, last] = [days[2], days[6]]
  // Of the second half of the week: some thousands of requests, 1,000 keys that came and went, 48 models.
  expect((last?.requests ?? 0) - (third?.requests ?? 0)).toBeGreaterThan(10_000)
  expect((last?.heapBytes ?? 0) - (third?.heapBytes ?? 0)).toBeLessThan(2 * MEBIBYTE)
}, 600_000)
