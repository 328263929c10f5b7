/** Records finished calls later and, where it may, together: several times cheaper (docs/adr/0005-cost-of-a-call.md). */
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers'
import { inHomeContext } from '../home-context.ts'
import { monotonicMs } from './turn-clock.ts'

/** A call that has ended and is not recorded yet. */
export interface EndedCall {
  /** No later request depends on its figures: it may wait. */
  readonly isDeferrable: boolean
  /** It was made inside of a span of this process: its trace may be sent away soon. */
  readonly isInTrace: boolean
  /** Its body has to be decoded, which must not happen while the application waits for it. */
  readonly hasEncodedResponse: boolean
  /** Starts its span, if it has none yet. */
  startSpan(): void
  record(): void
}

/**
 * How long a finished call may wait.
 * - `none`: not at all. One whose body has to be decoded waits until the turn of the event loop is over, or until another
 *   call is recorded; a flush of spans before that does not find it.
 * - `turn`: a call inside a trace until this turn of the event loop is over, before any timer. Others as with `batch`.
 * - `batch`: up to 10 ms, together with others that end meanwhile.
 */
export type AllowedDelay = 'none' | 'turn' | 'batch'

const BATCH_DELAY_MS = 10
/** Calls that wait at most; one more, and all of them are recorded. */
const MAX_WAITING = 64
/** Recording returns to the event loop after this time. */
const MAX_TURN_MS = 5

/** Finished calls that wait to be recorded. */
export class Deferral {
  readonly #readAllowedDelay: () => AllowedDelay
  readonly #onInternalError: (error: unknown) => void
  readonly #waiting: EndedCall[] = []
  #allowedDelay: AllowedDelay = 'none'
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined

  /** @param readAllowedDelay called for the first of several calls. Unless `none`, flushes of spans call `recordAll`. */
  constructor(readAllowedDelay: () => AllowedDelay, onInternalError: (error: unknown) => void) {
    this.#readAllowedDelay = readAllowedDelay
    this.#onInternalError = onInternalError
  }

  add(call: EndedCall): void {
    if (this.#waiting.push(call) === 1) {
      this.followProviders()
    }
    // A call that begins its trace also ends it: nobody sends that away before.
    const delay = this.#allowedDelay === 'turn' && !call.isInTrace ? 'batch' : this.#allowedDelay
    const waits = call.hasEncodedResponse || (call.isDeferrable && delay !== 'none')
    // A tracer may refuse a child that starts after its trace has ended (Sentry 10 loses it), but not one that ends late.
    if (waits && delay !== 'batch') this.#attempt(() => call.startSpan())
    if (!waits || this.#waiting.length > MAX_WAITING) this.recordAll()
    else if (delay === 'batch')
      this.#timer ??= inHomeContext(() => setTimeout(this.#recordSome, BATCH_DELAY_MS).unref())
    else this.#immediate ??= inHomeContext(() => setImmediate(this.#recordSome))
  }

  /** Looks for providers that the host has set since. They may throw. */
  followProviders(): void {
    this.#allowedDelay = 'none'
    this.#attempt(() => (this.#allowedDelay = this.#readAllowedDelay()))
  }

  /** Records all that wait, now. In no async context of a request: they are those of others as well. */
  recordAll(): void {
    this.#unschedule()
    if (this.#waiting.length === 0) return
    inHomeContext(() => {
      for (let call = this.#waiting.shift(); call !== undefined; call = this.#waiting.shift())
        this.#attempt(() => call.record())
    })
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
