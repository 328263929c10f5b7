/** The generations that later responses may still speak of, by every id they go by. Bounded by count and age. */
import { OldestKeys } from '../oldest-keys.ts'
import type { MissingReason } from '../types.ts'
import type { Generation } from './generation.ts'

export interface GenerationsOptions {
  /** Ids kept, default 20,000 (a generation has up to two). */
  readonly maxIds?: number
  /** Age without being spoken of, default 24 h: results of jobs and batches are gone by then. */
  readonly maxIdleMs?: number
  /** Told of a generation that is forgotten while its cost is still unknown and nobody else looks for it. */
  readonly onLost: (generation: Generation, reason: MissingReason) => void
}

/** Ids of jobs kept. */
export const DEFAULT_MAX_IDS = 20_000
/** How long after the last word of it a job is forgotten. */
export const DEFAULT_MAX_IDLE_MS = 24 * 60 * 60 * 1000

interface Entry {
  readonly generation: Generation
  touchedMs: number
}

export class Generations {
  readonly #entries = new Map<string, Entry>()
  readonly #oldest = new OldestKeys(this.#entries)
  readonly #maxIds: number
  readonly #maxIdleMs: number
  readonly #onLost: GenerationsOptions['onLost']

  constructor(options: GenerationsOptions) {
    this.#maxIds = options.maxIds ?? DEFAULT_MAX_IDS
    this.#maxIdleMs = options.maxIdleMs ?? DEFAULT_MAX_IDLE_MS
    this.#onLost = options.onLost
  }

  get size(): number {
    return this.#entries.size
  }

  /** The generation of that id, and keeps it from being the next to be forgotten. */
  find(id: string, nowMs: number): Generation | undefined {
    const entry = this.#entries.get(id)
    if (entry === undefined) return undefined
    entry.touchedMs = nowMs
    this.#entries.delete(id)
    this.#entries.set(id, entry)
    return entry.generation
  }

  /** Makes the generation known by `id`; an id that is known already keeps its generation. */
  remember(id: string, generation: Generation, nowMs: number): void {
    if (this.#entries.has(id)) return
    this.#entries.set(id, { generation, touchedMs: nowMs })
    if (this.#entries.size > this.#maxIds) this.#forgetOldest('evicted')
  }

  /** Forgets what nobody spoke of for too long. */
  expire(nowMs: number): void {
    for (const entry of this.#entries.values()) {
      if (nowMs - entry.touchedMs < this.#maxIdleMs) return
      this.#forgetOldest('expired')
    }
  }

  /** Forgets everything; unfinished generations are lost as `expired`. */
  clear(): void {
    while (this.#entries.size > 0) this.#forgetOldest('expired')
  }

  #forgetOldest(reason: MissingReason): void {
    const id = this.#oldest.take()
    const generation = id === undefined ? undefined : this.#entries.get(id)?.generation
    if (id === undefined || generation === undefined) return
    this.#entries.delete(id)
    const isOpen =
      generation.createdHere &&
      generation.credits === undefined &&
      !generation.failed &&
      !generation.lost &&
      generation.pending === undefined
    if (isOpen) this.#onLost(generation, reason)
  }
}
