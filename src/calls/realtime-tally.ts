/**
 * The usage of a realtime session so far, from the events of its messages. Figures of responses are summed; figures of
 * the session are totals, of which only what exceeds the counted figures is new (docs/realtime.md).
 */
import { isEmpty } from '../api/usage.ts'
import type { RealtimeEvent, ResponseDone } from '../api/realtime.ts'
import type { MissingReason, Usage } from '../types.ts'
import { OpenResponses, type EndedResponse } from './open-responses.ts'
import { RecentIds } from './recent-ids.ts'
import { growthOf, highestUsage, sumOf } from './usage-sums.ts'

/** Receives what the tally finds. */
export interface TallyListener {
  /** Usage that was not reported before. */
  used(usage: Usage): void
  responded(response: EndedResponse): void
}

const NOTHING: Usage = {}
const FAILED = 'failed'
/** A message that comes again follows soon. */
const MAX_COUNTED = 64
/** What is received before anything is charged. */
const FREE: ReadonlySet<RealtimeEvent['kind']> = new Set(['session', 'turn_ended', 'heard', 'error'])

/** The sums of one session. */
export class RealtimeTally {
  /** As the server names it. */
  sessionId: string | undefined
  model: string | undefined
  /** Everything that was counted. */
  used: Usage = NOTHING
  /** Something was sent, generated or used that the API may charge for. */
  wasUsed = false
  /** Why not all of it could be read. */
  problem: MissingReason | undefined
  /** The last event of the server was an error: no response has started since. */
  endedInError = false
  /** Some usage came without a cost. */
  #hasUnpriced = false
  /** A response ended without tokens. */
  #hasUnknownTokens = false
  /** The user's turn was received: a response will start. */
  #isResponseDue = false
  readonly #listener: TallyListener
  readonly #nowMs: () => number
  readonly #open = new OpenResponses()
  #turnEndedMs: number | undefined
  /** Usage of the last response; later events may raise it. `undefined`: there was no response yet. */
  #lastUsage: Usage | undefined
  /** What was counted of the last responses and items, by their ids. */
  readonly #counted = new RecentIds<Usage>(MAX_COUNTED, Number.POSITIVE_INFINITY)
  /** Usage reported before the first response began; it belongs to that one. */
  #leadingUsage: Usage | undefined

  constructor(listener: TallyListener, nowMs: () => number) {
    this.#listener = listener
    this.#nowMs = nowMs
  }

  /** A response has begun or is due, and has not ended. */
  get hasOpenResponse(): boolean {
    return this.#open.size > 0 || this.#isResponseDue
  }

  /** More tokens may be charged than the messages reported. */
  get isPartlyUnread(): boolean {
    const areTokensUnknown = this.#hasUnknownTokens || this.used.inputTokens === undefined
    return areTokensUnknown || this.problem !== undefined || this.hasOpenResponse
  }

  /** Everything that was used has a cost. */
  get isCostKnown(): boolean {
    return this.used.credits !== undefined && !this.#hasUnpriced && !this.hasOpenResponse
  }

  add(event: RealtimeEvent): void {
    if (!FREE.has(event.kind)) this.wasUsed = true
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
        this.problem ??= event.problem
        this.#hasUnpriced = true
        return
      case 'session_usage':
        return this.#addSessionUsage(event.usage)
      case 'response_started':
        return this.#begin(event.id)
      case 'response_usage':
        return this.#addResponseUsage(event.usage)
      case 'response_done':
        return this.#end(event)
      case 'other_usage':
        return this.#countOnce(event.id, event.usage)
      case 'input':
      // It was used, as noted above.
    }
  }

  /** The session is over: counts the usage of responses that did not end. */
  finish(): void {
    const unfinished = [this.#leadingUsage, ...this.#open.usages]
    for (const usage of unfinished) if (usage !== undefined) this.#count(usage)
  }

  #begin(id: string | undefined): void {
    const nowMs = this.#nowMs()
    this.endedInError = false
    const isKept = this.#open.begin({
      id,
      startMs: nowMs,
      awaitedSinceMs: this.#turnEndedMs ?? nowMs,
      firstOutputMs: undefined,
      hasAudio: false,
      usage: this.#leadingUsage,
    })
    if (!isKept) {
      this.#hasUnpriced = true
      this.#hasUnknownTokens = true
    }
    this.#turnEndedMs = undefined
    this.#isResponseDue = false
    this.#leadingUsage = undefined
  }

  #addOutput(isAudio: boolean): void {
    const response = this.#open.ofOutput()
    if (response === undefined) return
    response.firstOutputMs ??= this.#nowMs()
    response.hasAudio ||= isAudio
  }

  #addResponseUsage(usage: Usage): void {
    const response = this.#open.last
    if (response !== undefined) {
      response.usage = usage
    } else if (this.#lastUsage === undefined) {
      this.#leadingUsage = usage
    } else {
      // Reported again after its response has ended: only the growth is new.
      const growth = growthOf(this.#lastUsage, usage)
      this.#lastUsage = highestUsage(this.#lastUsage, usage)
      if (!isEmpty(growth)) this.#count(growth)
    }
  }

  #end(done: ResponseDone): void {
    const isRepeated = done.id !== undefined && this.#counted.get(done.id) !== undefined
    if (isRepeated) return this.#countOnce(done.id, done.usage ?? NOTHING)
    const open = this.#open.end(done.id)
    const usage = done.usage ?? open?.usage
    if (done.id !== undefined) this.#counted.set(done.id, usage ?? NOTHING)
    if (usage !== undefined) this.#count(usage)
    else if (done.status !== FAILED) this.#hasUnpriced = true
    if (usage?.inputTokens === undefined && done.status !== FAILED) this.#hasUnknownTokens = true
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
    if (usage.credits !== undefined) this.#hasUnpriced = false
    const growth = growthOf(this.used, usage)
    // A cost of 0 is a known cost.
    const counted =
      usage.credits === 0 && this.used.credits === undefined ? { ...growth, credits: 0, usd: 0 } : growth
    if (!isEmpty(counted)) this.#add(counted)
  }

  /** Said again of the same response or item, only the growth counts. */
  #countOnce(id: string | undefined, usage: Usage): void {
    const counted = id === undefined ? undefined : this.#counted.get(id)
    const growth = counted === undefined ? usage : growthOf(counted, usage)
    if (!isEmpty(growth)) this.#count(growth)
    if (id !== undefined) this.#counted.set(id, highestUsage(counted ?? NOTHING, usage))
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
