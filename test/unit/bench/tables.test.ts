import { describe, expect, it } from 'vitest'
import { formatNode, formatOverhead, formatTime } from '../../bench/markdown.ts'
import { mergeOverhead, type NodeResult, type WorkloadResult } from '../../bench/results.ts'
import type { Comparison } from '../../bench/statistics.ts'
import { judge, WORKLOADS } from '../../bench/workloads.ts'

const spread = (median: number, band = 0.02) => ({ q1: median - band, median, q3: median + band })
const comparison = (p50: number, cpu = p50, band = 0.02): Comparison => ({
  pairs: 20,
  p50: spread(p50, band),
  cpu: spread(cpu, band),
  throughput: spread(1 / p50),
  addedP50Us: spread(12),
  addedCpuUs: spread(-3),
})

function nodeResult(version: string, workloads: Record<string, WorkloadResult['subjects']>): NodeResult {
  return {
    version,
    date: '2026-11-22',
    machine: { cpu: 'Some CPU', cores: 2 },
    workloads: Object.fromEntries(
      Object.entries(workloads).map(([name, subjects]) => [
        name,
        { plain: { p50Us: 120, cpuUs: 15_000 }, subjects },
      ]),
    ),
  }
}

describe('the tables of the benchmark', () => {
  const overhead = {
    22: nodeResult('22.23.3', { 'fetch-json': { ours: comparison(1.08, 1.15), control: comparison(1) } }),
    24: nodeResult('24.21.0', { 'fetch-json': { ours: comparison(1.05), control: comparison(0.99) } }),
  }

  it('show every version of Node in a column, with machine and date once', () => {
    const text = formatOverhead({ overhead })
    expect(text).toContain('2 cores of Some CPU, 2026-11-22.')
    expect(text).toContain('| Calls | With | Node 22.23.3 | Node 24.21.0 |')
    expect(text).toContain('| fetch, chat JSON of 600 B | this package | 1.08 / 1.15 | 1.05 / 1.05 |')
    expect(text).toContain('|  | control: nothing | 1.00 / 1.00 | 0.99 / 0.99 |')
  })

  it('leave out workloads that were not measured, and mark what one version did not measure', () => {
    const text = formatOverhead({ overhead: { ...overhead, 26: nodeResult('26.10.0', {}) } })
    expect(text).toContain('| 1.08 / 1.15 | 1.05 / 1.05 | – |')
    expect(text).not.toContain('node:http')
  })

  it('show quartiles, budget and what a plain call takes', () => {
    const text = formatNode(overhead[22])
    expect(text).toContain('| 120 µs, 15.0 ms | p50 ≤ 1.10, CPU ≤ 1.20, below the peer | this package |')
    expect(text).toContain('| 1.08 (1.06–1.10) |')
    expect(text).toContain('| 12 µs, -3.0 µs | 20 |')
  })

  it('write times in the unit that reads best', () => {
    expect([0.05, 9.96, 120.4, 15_000].map(formatTime)).toEqual(['0.1 µs', '10.0 µs', '120 µs', '15.0 ms'])
  })
})

describe('the judgement on the budget', () => {
  const { budget } = WORKLOADS[0] as (typeof WORKLOADS)[number]

  it('leaves room for as much as the control strays', () => {
    const ours = comparison(1.15, 1.2)
    expect(judge({ p50: 1.1 }, { ours, control: comparison(1, 1, 0.06) })).toEqual([])
    expect(judge({ p50: 1.1 }, { ours, control: comparison(1, 1, 0.04) })).toHaveLength(1)
  })

  it('asks to be below the peer in both figures', () => {
    const subjects = { ours: comparison(1.05, 1.1), control: comparison(1) }
    const peer = comparison(1.06, 1.08)
    expect(judge(budget, { ...subjects, 'instrumentation-undici': peer })).toEqual([
      'cpu 1.10, instrumentation-undici 1.08',
    ])
  })

  it('holds the delay of paced chunks to the band of the control', () => {
    const control = comparison(1, 1, 0.05)
    expect(judge({ delayOnly: true }, { ours: comparison(1.04, 3), control })).toEqual([])
    expect(judge({ delayOnly: true }, { ours: comparison(1.06), control })).toHaveLength(1)
  })
})

describe('the committed results', () => {
  it('keep what a later run did not measure', () => {
    const merged = mergeOverhead(
      { 22: nodeResult('22.1.0', { 'fetch-json': {}, 'fetch-sse': {} }) },
      { 22: nodeResult('22.2.0', { 'fetch-sse': { ours: comparison(2) } }) },
    )
    expect(merged['22']?.version).toBe('22.2.0')
    expect(Object.keys(merged['22']?.workloads ?? {})).toEqual(['fetch-json', 'fetch-sse'])
    expect(merged['22']?.workloads['fetch-sse']?.subjects['ours']?.p50.median).toBe(2)
  })
})
