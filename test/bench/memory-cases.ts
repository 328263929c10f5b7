/** What is asked about memory. */

export interface MemoryCase {
  readonly name: string
  readonly title: string
  /** How it is measured: programs/memory.mjs. */
  readonly measure: 'inFlight' | 'peak' | 'residue'
  /** Of server.mjs or memory-server.mjs. */
  readonly answer: string
  readonly calls: number
  /** Pairs of processes, with and without the package. */
  readonly rounds: number
  readonly limitBytes?: number
}

const KIB = 1024
const MIB = 1024 * KIB
const IN_FLIGHT = { measure: 'inFlight', calls: 1000, rounds: 1 } as const
/** Of the body as it is; what is compressed has to be bounded only. */
const IDENTITY_LIMIT = { limitBytes: 64 * KIB } as const
const PEAK = { measure: 'peak', calls: 3, rounds: 3, limitBytes: 16 * MIB } as const

export const MEMORY_CASES: readonly MemoryCase[] = [
  {
    ...IN_FLIGHT,
    ...IDENTITY_LIMIT,
    name: 'held-json',
    title: 'a call in flight, JSON of 64 KiB (1,000 at once)',
    answer: 'held-json',
  },
  {
    ...IN_FLIGHT,
    ...IDENTITY_LIMIT,
    name: 'held-events',
    title: 'a call in flight, stream of 64 KiB (1,000 at once)',
    answer: 'held-events',
  },
  {
    ...IN_FLIGHT,
    ...IDENTITY_LIMIT,
    name: 'held-huge-json',
    title: 'a call in flight, JSON of 100 MiB (8 at once)',
    answer: 'held-huge-json',
    calls: 8,
  },
  {
    ...IN_FLIGHT,
    name: 'held-gzip-json',
    title: 'a call in flight, JSON of 64 KiB, gzip (1,000 at once)',
    answer: 'held-gzip-json',
  },
  {
    ...IN_FLIGHT,
    name: 'held-gzip-events',
    title: 'a call in flight, stream of 64 KiB, gzip (1,000 at once)',
    answer: 'held-gzip-events',
  },
  {
    ...IN_FLIGHT,
    name: 'held-huge-gzip',
    title: 'a call in flight, JSON of 20 MiB, gzip (8 at once)',
    answer: 'held-huge-gzip',
    calls: 8,
  },
  { ...PEAK, name: 'huge-json', title: 'peak, JSON of 100 MiB', answer: 'huge-json' },
  { ...PEAK, name: 'huge-events', title: 'peak, stream of 100 MiB', answer: 'huge-events' },
  {
    name: 'residue',
    title: 'left after 100,000 calls',
    measure: 'residue',
    answer: 'json',
    calls: 100_000,
    rounds: 1,
    limitBytes: MIB,
  },
]
