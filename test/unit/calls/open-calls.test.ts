import { describe, expect, it } from 'vitest'
import {
  createOpenCalls,
  UNANSWERED_LIMIT_MS,
  UNREAD_BODY_LIMIT_MS,
  type OpenCall,
} from '../../../src/calls/open-calls.ts'

/** Which of the calls are abandoned by the sweep of that moment. All were last heard of at 0. */
function sweepAt(nowMs: number, calls: Readonly<Record<string, boolean>>): string[] {
  const abandoned: string[] = []
  const open = createOpenCalls(() => {})
  for (const [name, hasResponse] of Object.entries(calls)) {
    const call: OpenCall = {
      lastEventMs: 0,
      status: hasResponse ? 200 : undefined,
      end: (errorType) => void (errorType === 'abandoned' && abandoned.push(name)),
    }
    open.add(call)
  }
  open.sweep(nowMs)
  return abandoned
}

describe('open calls', () => {
  const calls = { unread: true, unanswered: false }

  it('are left alone before their limits', () => {
    expect(sweepAt(UNREAD_BODY_LIMIT_MS - 1, calls)).toEqual([])
  })

  it('with an unread body are closed after 10 minutes, those without a response are not', () => {
    expect(UNREAD_BODY_LIMIT_MS).toBe(600_000)
    expect(sweepAt(UNREAD_BODY_LIMIT_MS, calls)).toEqual(['unread'])
    expect(sweepAt(UNANSWERED_LIMIT_MS - 1, calls)).toEqual(['unread'])
  })

  it('without a response are closed after an hour', () => {
    expect(UNANSWERED_LIMIT_MS).toBe(3_600_000)
    expect(sweepAt(UNANSWERED_LIMIT_MS, calls)).toEqual(['unread', 'unanswered'])
  })

  it('are flushed without waiting for bodies that arrive meanwhile', async () => {
    const open = createOpenCalls(() => {})
    let decoded = 0
    const arrive = (): void => {
      open.keepDecoding(
        Promise.resolve().then(() => {
          decoded += 1
          // The next body of a stream of calls that has no end.
          if (decoded < 1000) arrive()
        }),
      )
    }
    arrive()
    await open.flush()
    expect(decoded).toBeGreaterThan(0)
    expect(decoded).toBeLessThan(1000)
  })
})
