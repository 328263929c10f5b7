/**
 * What a realtime session has used so far, from the events of its messages. A response's figures are its own and are
 * summed, a session's are of all of it and replace each other (docs/realtime.md).
 */
import type { RealtimeEvent, ResponseDone } from '../api/realtime.ts'
import type { MissingReason, Usage } from '../types.ts'
import { growthOf, highestUsage, isEmpty, sumOf } from './usage-sums.ts'

/** One response that has ended. Times are monotonic. */
export interface EndedResponse {
  readonly id?: string
  readonly status?: string
  readonly usage?: Usage
  readonly startMs: number
  readonly endMs: number
  /** From the end of what the user said, or the beginning of the response, to its first sound or word. */
  readonly timeToFirstOutputMs?: number
  readonly hasAudio: boolean
}

export interface TallyListener {
  /** So much more was used. */
  used(usage: Usage): void
  responded(response: EndedResponse): void
}

interface OpenResponse {
  readonly id: string | undefined
  readonly startMs: number
  /** Since when the first output is waited for. */
  readonly awaitedSinceMs: number
  firstOutputMs: number | undefined
  hasAudio: boolean
  usage: Usage | undefined
}

const NOTHING: Usage = {}
/** Responses at a time; one more than anybody has, and the oldest is forgotten. */
const MAX_OPEN = 32
const FAILED = 'failed'

export class RealtimeTally {
  /** As the server names it. */
  sessionId: string | undefined
  model: string | undefined
  /** Everything that was counted. */
  used: Usage = NOTHING
  /** Something was sent, said or used that the API may charge for. */
  wasUsed = false
  /** Why not all of it could be read. */
  problem: MissingReason | undefined
  /** The server's last word was an error: nothing has been answered since. */
  endedInError = false
  /** Something was used without its cost being said. */
  #hasUnpriced = false
  /** A response ended without saying its tokens. */
  #hasUnsaidTokens = false
  /** The server has heard the user out, and will answer. */
  #isResponseDue = false
  readonly #listener: TallyListener
  readonly #nowMs: () => number
  readonly #open: OpenResponse[] = []
  #turnEndedMs: number | undefined
  /** What the last response has used, where more may be said of it. `undefined`: there was none yet. */
  #lastUsage: Usage | undefined
  /** What was said before the first response began: of that one. */
  #leadingUsage: Usage | undefined

  constructor(listener: TallyListener, nowMs: () => number) {
    this.#listener = listener
    this.#nowMs = nowMs
  }

  /** A response was begun, or is due for what was heard, and has not ended. */
  get hasOpenResponse(): boolean {
    return this.#open.length > 0 || this.#isResponseDue
  }

  /** More tokens may be charged for than messages said. */
  get isPartlyUnread(): boolean {
    const isUnsaid = this.#hasUnsaidTokens || this.used.inputTokens === undefined
    return isUnsaid || this.problem !== undefined || this.hasOpenResponse
  }

  /** All that was used has a cost. */
  get isCostKnown(): boolean {
    return this.used.credits !== undefined && !this.#hasUnpriced && !this.hasOpenResponse
  }

  add(event: RealtimeEvent): void {
    switch (event.kind) {
      case 'output':
        return this.#addOutput(event.isAudio)
      case 'session':
        this.sessionId ??= event.id
        this.model = event.model ?? this.model
        return
      case 'turn_ended':
        this.#turnEndedMs = this.#nowMs()
        this.#isResponseDue = true
        return
      case 'heard':
        this.#isResponseDue = true
        return
      case 'error':
        this.endedInError = true
        return
      case 'unreadable':
        this.wasUsed = true
        this.problem ??= event.problem
        this.#hasUnpriced = true
        return
      case 'session_usage':
        return this.#addSessionUsage(event.usage)
      default:
    }
    this.wasUsed = true
    switch (event.kind) {
      case 'response_started':
        return this.#begin(event.id)
      case 'response_usage':
        return this.#addResponseUsage(event.usage)
      case 'response_done':
        return this.#end(event)
      case 'other_usage':
        return this.#count(event.usage)
      default:
    }
  }

  /** The session is over: what was said of responses that did not end counts as well. */
  finish(): void {
    const said = [this.#leadingUsage, ...this.#open.map(({ usage }) => usage)]
    for (const usage of said) if (usage !== undefined) this.#count(usage)
  }

  #begin(id: string | undefined): void {
    const nowMs = this.#nowMs()
    this.endedInError = false
    if (this.#open.length >= MAX_OPEN) this.#open.shift()
    this.#open.push({
      id,
      startMs: nowMs,
      awaitedSinceMs: this.#turnEndedMs ?? nowMs,
      firstOutputMs: undefined,
      hasAudio: false,
      usage: this.#leadingUsage,
    })
    this.#turnEndedMs = undefined
    this.#isResponseDue = false
    this.#leadingUsage = undefined
  }

  #addOutput(isAudio: boolean): void {
    this.wasUsed = true
    const response = this.#open.find(({ firstOutputMs }) => firstOutputMs === undefined) ?? this.#open.at(-1)
    if (response === undefined) return
    response.firstOutputMs ??= this.#nowMs()
    response.hasAudio ||= isAudio
  }

  #addResponseUsage(usage: Usage): void {
    const response = this.#open.at(-1)
    if (response !== undefined) {
      response.usage = usage
    } else if (this.#lastUsage === undefined) {
      this.#leadingUsage = usage
    } else {
      // Said after the end of its turn: only what is new.
      const growth = growthOf(this.#lastUsage, usage)
      this.#lastUsage = highestUsage(this.#lastUsage, usage)
      if (!isEmpty(growth)) this.#count(growth)
    }
  }

  #end(done: ResponseDone): void {
    const at = Math.max(
      0,
      this.#open.findIndex(({ id }) => id === done.id),
    )
    const [open] = this.#open.splice(at, 1)
    const usage = done.usage ?? open?.usage
    if (usage !== undefined) this.#count(usage)
    else if (done.status !== FAILED) this.#hasUnpriced = true
    if (usage?.inputTokens === undefined && done.status !== FAILED) this.#hasUnsaidTokens = true
    this.#lastUsage = usage ?? NOTHING
    this.endedInError = false
    const endMs = this.#nowMs()
    const firstOutputMs = open?.firstOutputMs
    this.#listener.responded({
      ...(done.id !== undefined && { id: done.id }),
      ...(done.status !== undefined && { status: done.status }),
      ...(usage !== undefined && { usage }),
      startMs: open?.startMs ?? endMs,
      endMs,
      ...(open !== undefined &&
        firstOutputMs !== undefined && { timeToFirstOutputMs: firstOutputMs - open.awaitedSinceMs }),
      hasAudio: open?.hasAudio ?? false,
    })
  }

  #addSessionUsage(usage: Usage): void {
    this.wasUsed = true
    if (usage.credits !== undefined) this.#hasUnpriced = false
    const growth = growthOf(this.used, usage)
    // A cost of nothing is a cost.
    const said =
      usage.credits === 0 && this.used.credits === undefined ? { ...growth, credits: 0, usd: 0 } : growth
    if (!isEmpty(said)) this.#add(said)
  }

  #count(usage: Usage): void {
    if (usage.credits === undefined) this.#hasUnpriced = true
    this.#add(usage)
  }

  #add(usage: Usage): void {
    this.used = sumOf(this.used, usage)
    this.#listener.used(usage)
  }
}
