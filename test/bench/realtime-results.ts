/** What `npm run bench:realtime` keeps. Times in nanoseconds per frame of the session, unless said otherwise. */
import type { Interval } from './interval.ts'
import type { Machine } from './results.ts'

/** One session on a real socket, read in turns with and without observation. CPU time of the main thread. */
export interface OnSocket {
  readonly plainNs: number
  /** What neighbouring turns differ by. */
  readonly addedNs: Interval
  /** What two turns without observation differ by. */
  readonly controlNs: Interval
}

/** The package's own code, fed from memory with the chunks that a real socket has delivered. */
export interface FromMemory {
  readonly frameNs: number
  readonly chunksPerFrame: number
  /** Of a chunk in which no frame begins or ends. Absent where chunks are searched. */
  readonly perChunkNs?: number
  /** Put on the heap. */
  readonly allocatedBytes: number
}

/** Steady processes with and without the package. CPU time of the main thread; each pair of processes is one value. */
export interface BetweenProcesses {
  readonly plainNs: number
  readonly addedNs: Interval
  /** With the package too, but the session is another host's: what the frames themselves do not add. */
  readonly elsewhereNs?: Interval
  readonly controlNs: Interval
}

export interface FrameResult {
  readonly onSocket: OnSocket
  readonly fromMemory: FromMemory
  readonly betweenProcesses?: BetweenProcesses
}

export interface RealtimeResult {
  /** Of Node.js, without the v. */
  readonly version: string
  readonly date: string
  readonly machine: Machine
  /** By the name of the workload. */
  readonly frames: Readonly<Record<string, FrameResult>>
}
