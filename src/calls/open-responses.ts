/** The responses of a realtime session that have begun and not ended, in the order of their begin. */
import type { Usage } from '../types.ts'

export interface OpenResponse {
  /** Absent when its begin named none. */
  readonly id: string | undefined
  /** Monotonic, as are the others. */
  readonly startMs: number
  /** The end of the user's turn, else the start of the response. */
  readonly awaitedSinceMs: number
  firstOutputMs: number | undefined
  hasAudio: boolean
  /** As the last message about it has said. */
  usage: Usage | undefined
}

/** One response that has ended. Times are monotonic. */
export interface EndedResponse {
  readonly id?: string
  readonly status?: string
  readonly usage?: Usage
  readonly startMs: number
  readonly endMs: number
  /** From the end of the user's turn, else the start of the response, to its first audio or text. */
  readonly timeToFirstOutputMs?: number
  readonly hasAudio: boolean
}

/** More than the protocols allow at once. With one more, the oldest is forgotten. */
const MAX_OPEN = 32

/** The responses of a session that have begun and not ended. */
export class OpenResponses {
  readonly #open: OpenResponse[] = []

  get size(): number {
    return this.#open.length
  }

  get last(): OpenResponse | undefined {
    return this.#open.at(-1)
  }

  /** The usage known of each. */
  get usages(): readonly (Usage | undefined)[] {
    return this.#open.map(({ usage }) => usage)
  }

  /** Returns false when there are too many: the oldest is dropped, and its usage will not be known. */
  begin(response: OpenResponse): boolean {
    this.#open.push(response)
    if (this.#open.length <= MAX_OPEN) return true
    this.#open.shift()
    return false
  }

  /** The response that output belongs to: the oldest without any, else the newest. */
  ofOutput(): OpenResponse | undefined {
    return this.#open.find(({ firstOutputMs }) => firstOutputMs === undefined) ?? this.last
  }

  /**
   * Takes the response with this id out. When begin or end named no id, it is the oldest that may be meant. `undefined`:
   * the response was not open; all others stay.
   */
  end(id: string | undefined): OpenResponse | undefined {
    const known = this.#open.findIndex((response) => response.id === id)
    const found =
      known >= 0 ? known : this.#open.findIndex((response) => response.id === undefined || id === undefined)
    return found < 0 ? undefined : this.#open.splice(found, 1)[0]
  }
}
