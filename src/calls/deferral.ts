/**
 * Finished calls, recorded off the caller's path. Reading an answer and counting what it says takes longer than all
 * else that is done for a call, so it waits until the application has gone on. Where spans are not
 * needed at once, a few calls are recorded together, which is several times cheaper than one by one
 * (docs/adr/0005-cost-of-a-call.md).
 */
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { monotonicMs } from './turn-clock.ts'

export interface EndedCall {
  /** No later request depends on what it said: it may wait. */
  readonly isDeferrable: boolean
  /** Its body has to be decoded, which must not be done while the application waits for it. */
  readonly hasEncodedResponse: boolean
  /** Starts its span, if it has none yet. */
  startSpan(): void
  /** Reads and counts it. */
  record(): void
}

/**
 * How long a finished call may wait: not at all; until this turn of the event loop is over, before any timer; or some
 * milliseconds, for others that end meanwhile.
 */
export type Patience = 'none' | 'turn' | 'batch'

export interface DeferralOptions {
  /** Asked for the first of several calls. Whoever hands on spans calls `recordAll` before, unless it is `none`. */
  readonly patience: () => Patience
  readonly onInternalError: (error: unknown) => void
}

const BATCH_DELAY_MS = 10
/** Calls that wait; one more has all of them recorded. */
const MAX_WAITING = 64
/** The application has the event loop back after so long. */
const MAX_TURN_MS = 5

export class Deferral {
  readonly #askPatience: DeferralOptions['patience']
  readonly #onInternalError: DeferralOptions['onInternalError']
  readonly #waiting: EndedCall[] = []
  #patience: Patience = 'none'
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined

  constructor({ patience, onInternalError }: DeferralOptions) {
    this.#askPatience = patience
    this.#onInternalError = onInternalError
  }

  /** Takes a call, and records it at once or soon. */
  add(call: EndedCall): void {
    if (this.#waiting.push(call) === 1) this.#patience = this.#askPatience()
    const waits = call.hasEncodedResponse || (call.isDeferrable && this.#patience !== 'none')
    // A tracer may refuse a child that starts after its trace has ended (Sentry 10 loses it). One that ends late is
    // accepted until the turn is over.
    if (waits && this.#patience !== 'batch') this.#attempt(() => call.startSpan())
    if (!waits || this.#waiting.length > MAX_WAITING) this.recordAll()
    else if (this.#patience === 'batch') this.#timer ??= setTimeout(this.#recordSome, BATCH_DELAY_MS).unref()
    else this.#immediate ??= setImmediate(this.#recordSome)
  }

  /** Records every call that waits, now. */
  recordAll(): void {
    this.#unschedule()
    for (let call = this.#waiting.shift(); call !== undefined; call = this.#waiting.shift())
      this.#attempt(() => call.record())
  }

  readonly #recordSome = (): void => {
    this.#unschedule()
    const untilMs = monotonicMs() + MAX_TURN_MS
    for (let call = this.#waiting.shift(); call !== undefined; call = this.#waiting.shift()) {
      this.#attempt(() => call.record())
      if (monotonicMs() >= untilMs) break
    }
    if (this.#waiting.length > 0) this.#immediate = setImmediate(this.#recordSome)
  }

  #unschedule(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer)
    if (this.#immediate !== undefined) clearImmediate(this.#immediate)
    this.#timer = this.#immediate = undefined
  }

  #attempt(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.#onInternalError(error)
    }
  }
}
