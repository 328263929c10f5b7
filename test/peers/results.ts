/** What `npm run compare` has seen of other instrumentations, kept in results.json. */
import { existsSync, readFileSync } from 'node:fs'

export const RESULTS = new URL('results.json', import.meta.url)

/** One ending with one instrumentation. */
export interface PeerRow {
  /** Spans of the call; 1 is right. */
  readonly spans: number
  /** Whether they have tokens. */
  readonly usage: boolean
  /** What the application got that it does not get without the instrumentation. */
  readonly broke?: string
}

export interface PeerResults {
  readonly title: string
  readonly package: string
  readonly version: string
  readonly note?: string
  /** By the name of the ending. */
  readonly rows: Readonly<Record<string, PeerRow>>
}

/** All instrumentations with one version of the client. */
export interface PeerRun {
  readonly openai: string
  readonly node: string
  readonly peers: readonly PeerResults[]
}

export interface PeerMeasurement {
  /** `YYYY-MM-DD` */
  readonly date: string
  readonly runs: readonly PeerRun[]
}

export function readPeerResults(): PeerMeasurement {
  if (!existsSync(RESULTS)) return { date: '', runs: [] }
  return JSON.parse(readFileSync(RESULTS, 'utf8')) as PeerMeasurement
}
