/** What was measured last, as it is committed: the tables of the README and of docs/overhead.md are made from it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import type { InstalledSize } from './installation.ts'
import type { RealtimeResult } from './realtime-results.ts'
import type { Comparison, Spread } from './statistics.ts'

export interface Machine {
  readonly cpu: string
  readonly cores: number
}

export interface WorkloadResult {
  /** What a call takes without anything: microseconds, and bytes on the heap where they were counted. */
  readonly plain: { readonly p50Us: number; readonly cpuUs: number; readonly bytes?: number }
  readonly subjects: Readonly<Record<string, Comparison>>
}

export interface NodeResult {
  /** Of Node.js, without the v. */
  readonly version: string
  readonly date: string
  readonly machine: Machine
  readonly workloads: Readonly<Record<string, WorkloadResult>>
}

export interface StartupTimes {
  readonly oursMs: number
  readonly byHandMs: number
  readonly ratio: Spread
}

export interface StartupResult {
  readonly esm: StartupTimes
  readonly commonjs: StartupTimes
  /** Numbers of packages. */
  readonly loaded: { readonly ours: number; readonly byHand: number }
  /** Names of loaded packages that the default configuration does not use. */
  readonly heavy: { readonly ours: readonly string[]; readonly byHand: readonly string[] }
}

/** Microseconds of one call on the main thread, by subject and place (places.ts). */
export type PlacesOfSubjects = Readonly<Record<string, Readonly<Record<string, number>>>>

export interface Results {
  /** By major version of Node.js. */
  readonly overhead?: Readonly<Record<string, NodeResult>>
  /** By major version of Node.js and workload. */
  readonly where?: Readonly<Record<string, Readonly<Record<string, PlacesOfSubjects>>>>
  /** Bytes beyond the same program without the package, by major version of Node.js and case. */
  readonly memory?: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** By major version of Node.js. */
  readonly startup?: Readonly<Record<string, StartupResult>>
  /** Nanoseconds of one use, by case and in the order of SIZES. */
  readonly scale?: Readonly<Record<string, readonly number[]>>
  /** By major version of Node.js. */
  readonly realtime?: Readonly<Record<string, RealtimeResult>>
  /** In an empty folder: the package with what it brings, and what it is compared with. */
  readonly installed?: { readonly ours: InstalledSize; readonly byHand: InstalledSize }
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
