/** What was measured last, as it is committed: the tables of the README and of docs/overhead.md are made from it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import type { Comparison } from './statistics.ts'

export interface Machine {
  readonly cpu: string
  readonly cores: number
}

export interface WorkloadResult {
  /** What a call takes without anything, in microseconds. */
  readonly plain: { readonly p50Us: number; readonly cpuUs: number }
  readonly subjects: Readonly<Record<string, Comparison>>
}

export interface NodeResult {
  /** Of Node.js, without the v. */
  readonly version: string
  readonly date: string
  readonly machine: Machine
  readonly workloads: Readonly<Record<string, WorkloadResult>>
}

export interface Results {
  /** By major version of Node.js. */
  readonly overhead?: Readonly<Record<string, NodeResult>>
}

const FILE = new URL('results.json', import.meta.url)

export function readResults(): Results {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Results) : {}
}

/** Replaces what was measured anew and keeps the rest. */
export function writeResults(measured: Results): void {
  writeFileSync(FILE, `${JSON.stringify({ ...readResults(), ...measured }, roundLong, 2)}\n`)
}

/** Of two runs, the later one's workloads and the earlier one's others. */
export function mergeOverhead(
  earlier: Results['overhead'] = {},
  later: Results['overhead'] = {},
): NonNullable<Results['overhead']> {
  const merged = { ...earlier }
  for (const [major, result] of Object.entries(later))
    merged[major] = { ...result, workloads: { ...earlier[major]?.workloads, ...result.workloads } }
  return merged
}

export function describeMachine(): Machine {
  const all = cpus()
  return { cpu: all[0]?.model.trim() ?? 'unknown', cores: all.length }
}

/** The rest is noise, and would be noise in the history of the file. */
function roundLong(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value
}
