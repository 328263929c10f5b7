import { describe, expect, it } from 'vitest'
import type { Interval } from '../../bench/interval.ts'
import type { FrameResult, RealtimeResult } from '../../bench/realtime-results.ts'
import { formatRealtime } from '../../bench/realtime-table.ts'

const interval = (low: number, median: number, high: number): Interval => ({ low, median, high, count: 900 })
const CONTROL = interval(-20, 10, 30)

function realtime(
  added: Interval,
  frame: Partial<FrameResult> = {},
): { realtime: Record<string, RealtimeResult> } {
  const result: FrameResult = {
    onSocket: { plainNs: 17_240, addedNs: added, controlNs: CONTROL },
    fromMemory: { frameNs: 104, chunksPerFrame: 1.6, perChunkNs: 25, allocatedBytes: 4.8 },
    ...frame,
  }
  const machine = { cpu: 'Some CPU', cores: 2 }
  return {
    realtime: {
      24: { version: '24.1.0', date: '2026-11-26', machine, frames: { 'realtime-audio': result } },
    },
  }
}

describe('the tables of realtime sessions', () => {
  it('show the judged figure with its range, and that the budget is met', () => {
    const text = formatRealtime(realtime(interval(380, 490, 612)))
    expect(text).toContain(
      '| sound, 100 kB | Node 24 | 17.24 µs | 1.00 µs | 0.49 µs (0.38 µs to 0.61 µs) | 10 ns (-20 ns to 30 ns) | met |',
    )
    expect(text).toMatch(/The budget is met\.$/)
  })

  it('show what comes from chunks, from reading, and from the rest of the process', () => {
    expect(formatRealtime(realtime(interval(380, 504, 612)))).toContain(
      '| sound, 100 kB | Node 24 | 1.6 | 0.10 µs | 40 ns (25 ns each) | 64 ns | 0.40 µs | 5 B |',
    )
  })

  it('say where the budget is exceeded, and where the figure is too wide to know', () => {
    expect(formatRealtime(realtime(interval(1200, 1300, 1400)))).toMatch(
      /- sound, 100 kB, Node 24: 1\.30 µs \(1\.20 µs to 1\.40 µs\), exceeded$/,
    )
    expect(formatRealtime(realtime(interval(800, 900, 990)))).toMatch(
      /- sound, 100 kB, Node 24: 0\.90 µs \(0\.80 µs to 0\.99 µs\), not decided$/,
    )
  })

  it('hold processes against the budget only where they are sure', () => {
    const added = interval(380, 490, 612)
    const processes = (addedNs: Interval) => ({
      betweenProcesses: { plainNs: 20_000, addedNs, controlNs: CONTROL },
    })
    expect(formatRealtime(realtime(added, processes(interval(-9000, 2000, 12_000))))).toMatch(
      /\| not decided \|\n\nThe budget is met\.$/,
    )
    expect(formatRealtime(realtime(added, processes(interval(1500, 2000, 2500))))).toMatch(
      /- sound, 100 kB, Node 24, processes: 2\.00 µs \(1\.50 µs to 2\.50 µs\), exceeded$/,
    )
  })
})
