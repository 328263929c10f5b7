/**
 * Sums up counts before they reach the SDK, which sorts and serializes the attributes at every `add`: for the dozen
 * counts of one call that takes longer than reading its response. Here a count is one look-up by the identity of its
 * attributes. The SDK gets the sums before each collection, at the latest after one second.
 */
import { clearTimeout, setTimeout } from 'node:timers'
import type { Attributes } from '@opentelemetry/api'
import { inHomeContext } from '../home-context.ts'

/** Counts or records one value. Never throws, whatever meter the host has installed. */
export type Recorder = (value: number, attributes: Attributes) => void

const MAX_DELAY_MS = 1000
/** Sums kept, over all counters; with one more, all are flushed. */
const MAX_SUMS = 1000

/** Sums of counters that are added to them together. */
export class CounterBuffer {
  readonly #counters: { readonly add: Recorder; readonly byAttributes: Map<Attributes, number> }[] = []
  #sums = 0
  #timer: NodeJS.Timeout | undefined

  /** Returns a buffered form of `add`. Attributes are compared by identity and must not change afterwards. */
  buffer(add: Recorder): Recorder {
    const byAttributes = new Map<Attributes, number>()
    this.#counters.push({ add, byAttributes })
    return (value, attributes) => {
      const sum = byAttributes.get(attributes)
      byAttributes.set(attributes, (sum ?? 0) + value)
      if (sum !== undefined) return
      if (++this.#sums > MAX_SUMS) this.flush()
      else this.#timer ??= inHomeContext(() => setTimeout(() => this.flush(), MAX_DELAY_MS).unref())
    }
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#sums = 0
    for (const { add, byAttributes } of this.#counters) {
      for (const [attributes, sum] of byAttributes) add(sum, attributes)
      byAttributes.clear()
    }
  }
}
