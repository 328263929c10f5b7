import { describe, expect, it } from 'vitest'
import { formatFloor, formatNode, formatTime } from '../../bench/markdown.ts'
import { mergeOverhead, type NodeResult, type WorkloadResult } from '../../bench/results.ts'
import type { Comparison } from '../../bench/statistics.ts'
import { formatLoad, formatSummary } from '../../bench/summary.ts'
import { judge, SUBJECTS, WORKLOADS } from '../../bench/workloads.ts'

const spread = (median: number, band = 0.02) => ({ q1: median - band, median, q3: median + band })
const comparison = (p50: number, addedCpuUs = 0, band = 0.02): Comparison => ({
  rounds: 12,
  p50: spread(p50, band),
  cpu: spread(p50, band),
  addedP50Us: spread(12),
  addedCpuUs: spread(addedCpuUs, 1),
})

const resultOf = (subjects: WorkloadResult['subjects']): WorkloadResult => ({
  plain: { p50Us: 120, cpuUs: 15_000 },
  subjects,
})

function nodeResult(version: string, workloads: Record<string, WorkloadResult['subjects']>): NodeResult {
  return {
    version,
    date: '2026-11-22',
    machine: { cpu: 'Some CPU', cores: 2 },
    workloads: Object.fromEntries(
      Object.entries(workloads).map(([name, subjects]) => [name, resultOf(subjects)]),
    ),
  }
}

describe('the tables of the benchmark', () => {
  it('show quartiles, budget and what a plain call takes, and no workload that was not measured', () => {
    const ours = { ...comparison(1.08, 30), addedThreadCpuUs: spread(22), addedBytes: 9216 }
    const text = formatNode(nodeResult('22.23.3', { 'fetch-json': { ours, control: comparison(1) } }))
    expect(text).toContain('| fetch, chat JSON of 600 B | 120 µs, 15.0 ms | p50 ≤ 1.06, added CPU ≤')
    expect(text).toContain('| 1.08 (1.06–1.10) | 1.08 (1.06–1.10) | 12 µs | 30 µs, 22 µs | 9.0 KiB |')
    expect(text).toContain(
      '| control: nothing | 1.00 (0.98–1.02) | 1.00 (0.98–1.02) | 12 µs | 0.0 µs, – | – |',
    )
    expect(text).not.toContain('node:http')
  })

  it('begin with the CPU time of a call and what is added to it, for each Node.js', () => {
    const older = nodeResult('22.23.3', { 'fetch-json': { ours: comparison(1.1, 44) } })
    const newer = nodeResult('24.1.0', {
      'fetch-json': { ours: comparison(1.1, 31), 'ours-metrics': comparison(1.1, 20) },
    })
    const [, , ...rows] = formatSummary([older, newer]).split('\n')
    expect(rows).toEqual([
      '| fetch, chat JSON of 600 B | 15.0 ms | 44 µs | 15.0 ms | 31 µs |',
      '| fetch, chat JSON of 600 B, metrics without spans |  |  | 15.0 ms | 20 µs |',
    ])
    expect(formatLoad([newer])).toMatch(/100 such calls a second .* 0\.3 % on Node 24\.1\.0\.$/)
    const faster = nodeResult('24.1.0', { 'fetch-json': { ours: comparison(1, -2) } })
    expect(formatSummary([faster])).toContain('| 15.0 ms | not measurable |')
  })

  it('show the way from the floor to the package, where it was measured', () => {
    const subjects = { ours: comparison(1.1, 40), floor: comparison(1.05, 20) }
    expect(formatFloor(resultOf(subjects))).toBeUndefined()
    const stepped = { ...subjects, 'floor-guard': comparison(1.06, 22) }
    const rows = formatFloor(resultOf(stepped))?.split('\n') ?? []
    expect(rows.slice(2).map((row) => row.split('|')[3]?.trim())).toEqual(['20 µs', '22 µs', '40 µs'])
  })

  it('write times in the unit that reads best', () => {
    expect([0.05, 9.96, 120.4, 15_000].map(formatTime)).toEqual(['0.1 µs', '10.0 µs', '120 µs', '15.0 ms'])
  })

  it('have a title for every subject of every workload', () => {
    for (const { subjects } of WORKLOADS)
      for (const subject of subjects) expect(SUBJECTS).toHaveProperty([subject])
  })
})

describe('the judgement on the budget', () => {
  it('leaves room for as much as the control strays', () => {
    const ours = comparison(1.15)
    expect(judge({ p50: 1.1 }, { ours, control: comparison(1, 0, 0.06) })).toEqual([])
    expect(judge({ p50: 1.1 }, { ours, control: comparison(1, 0, 0.04) })).toHaveLength(1)
  })

  it('holds the added CPU time to a multiple of the floor', () => {
    const subjects = { ours: comparison(1, 31), floor: comparison(1, 20), control: comparison(1, -5) }
    expect(judge({ cpuOfFloor: 1.5 }, subjects)).toEqual([
      "this package, with its own SDK: adds 31 µs of CPU > 30 µs (1.5 × the floor's 20 µs) + 0 µs of the control",
    ])
    expect(judge({ cpuOfFloor: 1.6 }, subjects)).toEqual([])
  })

  it('holds the added CPU time to that of a peer, also where the host owns the SDK', () => {
    const budget = { cpuOfPeer: 'instrumentation-undici' }
    const peer = { 'instrumentation-undici': comparison(1, 50), control: comparison(1, -5) }
    expect(judge(budget, { ...peer, ours: comparison(1, 50), 'ours-host': comparison(1, 52) })).toEqual([
      expect.stringMatching(/^this package, in the host's SDK: adds 52 µs/),
    ])
  })

  it("takes what Node's channels cost alone as the limit where that is more", () => {
    const subjects = { ours: comparison(1.05), channels: comparison(1.06), control: comparison(1) }
    expect(judge({ p50: 1.02, orChannels: true }, subjects)).toEqual([])
    expect(judge({ p50: 1.02 }, subjects)).toHaveLength(1)
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
