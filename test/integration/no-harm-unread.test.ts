/** Bodies that nobody reads for longer than we wait: our books close, and the application's response stays as it was. */
import http from 'node:http'
import { describe, expect, test, vi } from 'vitest'
import type { CallRecord } from '../../src/index.ts'
import { UNREAD_BODY_LIMIT_MS } from '../../src/calls/open-calls.ts'
import { observe, readAll, type Program } from './no-harm-support/compare.ts'
import { runWithUs } from './no-harm-support/with-us.ts'
import type { OriginServer } from './traffic-support/origin-server.ts'
import { dispatcherOf, fetches, undiciModules } from './traffic-support/undici-clients.ts'

/** Time passes when a test says so; the sweep for what is old comes all the time. */
const clock = vi.hoisted(() => ({ aheadMs: 0 }))
vi.mock('../../src/calls/turn-clock.ts', () => {
  const monotonicMs = (): number => performance.now() + clock.aheadMs
  return { monotonicMs, turnClock: { nowMs: 0, isOver: true, read: monotonicMs } }
})
vi.mock('node:timers', async (importOriginal) => {
  const timers = await importOriginal<typeof import('node:timers')>()
  return { ...timers, setInterval: (sweep: () => void) => timers.setInterval(sweep, 5) }
})

/** Between the head and the body: long enough for us to give the body up, if we are there. */
type Wait = () => Promise<void>

const programs: [string, (wait: Wait) => Program][] = [
  ...fetches.map(([name, get]): [string, (wait: Wait) => Program] => [
    name,
    (wait) =>
      async ({ url }) => {
        const response = await get(`${url}/firehose`)
        await wait()
        return [response.bodyUsed, await response.arrayBuffer()]
      },
  ]),
  ...undiciModules.map(([name, undici]): [string, (wait: Wait) => Program] => [
    `${name} request`,
    (wait) =>
      async ({ url }) => {
        const { body } = await undici.request(`${url}/firehose`, { dispatcher: dispatcherOf(undici) })
        await wait()
        // Not arrayBuffer(): that of undici 5 loses what came before it was called, with and without us.
        return readAll(body)
      },
  ]),
  [
    'http.request',
    (wait) =>
      async ({ url }: OriginServer) => {
        const response = await new Promise<http.IncomingMessage>((resolve) => {
          http.get(`${url}/firehose`, resolve)
        })
        await wait()
        return [response.readableFlowing, await readAll(response)]
      },
  ],
]

describe('a body that nobody reads for ten minutes is whole when it is read after all', () => {
  test.each(programs)('%s', async (_name, create) => {
    const bare = await observe(create(async () => {}))
    const records: CallRecord[] = []
    const waitForUs = async (): Promise<void> => {
      // Again and again: what still comes into the buffers is an event, from which time counts anew.
      const passTime = (): number => {
        clock.aheadMs += UNREAD_BODY_LIMIT_MS
        return records.length
      }
      await expect.poll(passTime, { timeout: 10_000 }).toBe(1)
    }
    const onCall = (record: CallRecord): void => void records.push(record)
    const { result, telemetry } = await runWithUs(() => observe(create(waitForUs)), { config: { onCall } })
    expect(result).toEqual(bare)
    expect(records.map(({ errorType }) => errorType)).toEqual(['abandoned'])
    expect(telemetry).toEqual({ spans: 1, requests: 1, said: [] })
  })
})
