/**
 * The newest of very many ids, in two halves. The older half is dropped as a whole, so an id costs one insert. Ages are
 * measured by the calls of `expire`, which should come several times in `maxAgeMs`.
 */
export class RecentIds<Value> {
  readonly #maxIds: number
  readonly #maxAgeMs: number
  #newer = new Map<string, Value>()
  #older = new Map<string, Value>()
  /** When the newer half was begun, as the first `expire` after that has noted it. */
  #sinceMs: number | undefined

  /**
   * @param maxIds ids kept at most; at least the newest half of that many are always kept.
   * @param maxAgeMs an id is kept at least this long, unless newer ones push it out, and at most about twice as long.
   */
  constructor(maxIds: number, maxAgeMs: number) {
    this.#maxIds = maxIds
    this.#maxAgeMs = maxAgeMs
  }

  get(id: string): Value | undefined {
    return this.#newer.get(id) ?? this.#older.get(id)
  }

  set(id: string, value: Value): void {
    if (this.#newer.size * 2 >= this.#maxIds) this.#swapHalves()
    this.#newer.set(id, value)
  }

  /** Forgets ids that are too old. */
  expire(nowMs: number): void {
    if (this.#sinceMs !== undefined && nowMs - this.#sinceMs >= this.#maxAgeMs) this.#swapHalves()
    this.#sinceMs ??= nowMs
  }

  clear(): void {
    this.#newer.clear()
    this.#older.clear()
  }

  #swapHalves(): void {
    this.#older = this.#newer
    this.#newer = new Map()
    this.#sinceMs = undefined
  }
}
