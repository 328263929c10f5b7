/**
 * Sums between the calls and the SDK. The SDK sorts and serializes the attributes at every `add`, which for the
 * dozen counts of one call costs more than reading its response. Here a count is one look-up by the identity of
 * its attributes, and the SDK is given one sum per label set: before each collection, else once a second.
 */
import { clearTimeout, setTimeout } from 'node:timers'
import type { Attributes } from '@opentelemetry/api'

/** Counts or records one value. Never throws, whatever meter the host has installed. */
export type Recorder = (value: number, attributes: Attributes) => void

const MAX_DELAY_MS = 1000
/** Sums held, over all counters; one more hands all of them on. */
const MAX_SUMS = 1000

interface Sums {
  readonly add: Recorder
  readonly byAttributes: Map<Attributes, number>
}

export class CounterBuffer {
  readonly #counters: Sums[] = []
  #sums = 0
  #timer: NodeJS.Timeout | undefined

  /** The counter behind `add`, buffered. Attributes are told apart by identity, and must not change afterwards. */
  buffer(add: Recorder): Recorder {
    const byAttributes: Sums['byAttributes'] = new Map()
    this.#counters.push({ add, byAttributes })
    return (value, attributes) => {
      const sum = byAttributes.get(attributes)
      byAttributes.set(attributes, (sum ?? 0) + value)
      if (sum === undefined) this.#began()
    }
  }

  /** Hands every sum on. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#sums = 0
    for (const { add, byAttributes } of this.#counters) {
      for (const [attributes, sum] of byAttributes) add(sum, attributes)
      byAttributes.clear()
    }
  }

  #began(): void {
    if (++this.#sums > MAX_SUMS) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), MAX_DELAY_MS).unref()
  }
}
