import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { showProcessStart } from '../../../src/telemetry/process-gauges.ts'
import { CounterBuffer } from '../../../src/telemetry/counter-buffer.ts'
import { recordMetrics } from './recording.ts'

const CHAT = { endpoint: 'chat' }
const IMAGE = { endpoint: 'image' }

function openBuffer() {
  const added: [number, object][] = []
  const buffer = new CounterBuffer()
  return { added, buffer, count: buffer.buffer((value, attributes) => void added.push([value, attributes])) }
}

describe('counts between two collections', () => {
  test('do not reach the counters in the async context of the first call', async () => {
    const request = new AsyncLocalStorage<string>()
    const seenIn: (string | undefined)[] = []
    const count = new CounterBuffer().buffer(() => void seenIn.push(request.getStore()))
    request.run('first', () => count(1, CHAT))
    while (seenIn.length === 0) await sleep(20)
    expect(seenIn).toEqual([undefined])
  })

  test('reach the counters as one sum per label set, once', () => {
    const { added, buffer, count } = openBuffer()
    count(1, CHAT)
    count(2, IMAGE)
    count(3, CHAT)
    count(0, IMAGE)
    expect(added).toEqual([])
    buffer.flush()
    buffer.flush()
    expect(added).toEqual([
      [4, CHAT],
      [2, IMAGE],
    ])
  })

  test('of 0 make a series, too', () => {
    const { added, buffer, count } = openBuffer()
    count(0, CHAT)
    buffer.flush()
    expect(added).toEqual([[0, CHAT]])
  })

  test('are in the collection that follows them', async () => {
    const { meter, points } = recordMetrics()
    const counter = meter.createCounter('calls')
    const buffer = new CounterBuffer()
    const count = buffer.buffer((value, attributes) => counter.add(value, attributes))
    showProcessStart(meter, () => buffer.flush())
    count(2, CHAT)
    expect(await points('calls')).toMatchObject([{ value: 2 }])
    count(3, CHAT)
    expect(await points('calls')).toMatchObject([{ value: 5 }])
  })

  test('reach the counters without a collection', async () => {
    const { added, count } = openBuffer()
    count(1, CHAT)
    await vi.waitFor(() => expect(added).toEqual([[1, CHAT]]), { timeout: 10_000 })
  })

  test('are not kept for more than a thousand label sets', () => {
    const { added, count } = openBuffer()
    for (let index = 0; index < 1001; index++) count(1, { index })
    expect(added).toHaveLength(1001)
  })
})
