/**
 * Calls that have ended, on their way into the books. Reading an answer and telling its figures takes longer than
 * all else that is done for a call, so it waits until the application has gone on: a few calls are then entered in
 * one go, which is several times cheaper than one by one (docs/adr/0005-cost-of-a-call.md).
 */
import { clearTimeout, setTimeout } from 'node:timers'
import { monotonicMs } from './clock.ts'

export interface EndedCall {
  /** Nobody can ask for anything that it has said: it may wait. */
  readonly isDeferrable: boolean
  /** Its body has to be decoded, which must not be done while the application waits for it. */
  readonly hasEncodedResponse: boolean
  /** Reads and counts it. */
  enter(): void
}

export interface EntriesOptions {
  /** Whether everybody who hands spans on calls `enterAll` before. Asked for the first of several calls. */
  readonly mayWait: () => boolean
  readonly onInternalError: (error: unknown) => void
}

const DELAY_MS = 10
/** Calls that wait; one more has all of them entered. */
const MAX_WAITING = 64
/** The application has the event loop back after so long. */
const MAX_TURN_MS = 5

export class Entries {
  readonly #mayWait: EntriesOptions['mayWait']
  readonly #onInternalError: EntriesOptions['onInternalError']
  readonly #waiting: EndedCall[] = []
  #timer: NodeJS.Timeout | undefined
  #isWaitingAllowed = false

  constructor({ mayWait, onInternalError }: EntriesOptions) {
    this.#mayWait = mayWait
    this.#onInternalError = onInternalError
  }

  /** Takes a call, and enters it at once or soon. */
  add(call: EndedCall): void {
    if (this.#waiting.push(call) === 1) this.#isWaitingAllowed = this.#mayWait()
    const waits = call.hasEncodedResponse || (call.isDeferrable && this.#isWaitingAllowed)
    if (waits && this.#waiting.length <= MAX_WAITING) this.#schedule(this.#isWaitingAllowed ? DELAY_MS : 0)
    else this.enterAll()
  }

  /** Enters every call that waits, now. */
  enterAll(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (let call = this.#waiting.shift(); call !== undefined; call = this.#waiting.shift()) this.#enter(call)
  }

  #schedule(delayMs: number): void {
    this.#timer ??= setTimeout(() => this.#enterSome(), delayMs).unref()
  }

  #enterSome(): void {
    this.#timer = undefined
    const untilMs = monotonicMs() + MAX_TURN_MS
    for (let call = this.#waiting.shift(); call !== undefined; call = this.#waiting.shift()) {
      this.#enter(call)
      if (monotonicMs() >= untilMs) break
    }
    if (this.#waiting.length > 0) this.#schedule(0)
  }

  #enter(call: EndedCall): void {
    try {
      call.enter()
    } catch (error) {
      this.#onInternalError(error)
    }
  }
}
