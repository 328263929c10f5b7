/**
 * One realtime session, from its handshake to its end: one request and one record. Its usage is counted as each response
 * ends: sessions last for hours, and the process may end earlier.
 */
import { GeminiInput, GeminiMessages } from '../api/realtime-gemini.ts'
import { readResponseIds } from '../api/response.ts'
import { isEmpty } from '../api/usage.ts'
import { OpenAiEvents, OpenAiInput } from '../api/realtime-openai.ts'
import type { OnRealtimeEvent, RealtimeProtocol, RealtimeReader, RealtimeRoute } from '../api/realtime.ts'
import type { ActiveCall, CallStart, UsageIdentity } from '../ports.ts'
import type { HeaderLookup, RequestHead } from '../traffic/exchange.ts'
import type { SessionEnding, SessionObserver } from '../traffic/websocket.ts'
import type { MissingReason } from '../types.ts'
import type { Dependencies } from './dependencies.ts'
import { monotonicMs } from './turn-clock.ts'
import { createGeneration } from './generation.ts'
import type { EndedResponse } from './open-responses.ts'
import { RealtimeTally } from './realtime-tally.ts'
import { describeLabels, type WritableRecord } from './records.ts'
import { readOwnRequestId, readServer } from './request-head.ts'

type Reader = new (on: OnRealtimeEvent) => RealtimeReader

const READERS: Readonly<Record<RealtimeProtocol, { readonly received: Reader; readonly sent: Reader }>> = {
  openai: { received: OpenAiEvents, sent: OpenAiInput },
  gemini: { received: GeminiMessages, sent: GeminiInput },
}

const ACCEPTED = 101
/** Close codes of a session that ended normally (RFC 6455, section 7.4.1). */
const NORMAL_CODES: ReadonlySet<number> = new Set([1000, 1001, 1005])
const MS_PER_SECOND = 1000

/** One realtime session: a request, a span and a record, with usage counted response by response. */
export class RealtimeSession implements SessionObserver {
  readonly received: RealtimeReader
  readonly sent: RealtimeReader
  readonly #dependencies: Dependencies
  readonly #start: CallStart
  readonly #span: ActiveCall
  readonly #startMs = monotonicMs()
  readonly #tally: RealtimeTally
  /** The client request id that the application sent. */
  readonly #ownRequestId: string | undefined
  #requestModel: string | undefined
  #status: number | undefined
  #inferenceId: string | undefined
  #clientRequestId: string | undefined
  /** Monotonic time up to which the session's seconds were counted; 0: not accepted yet. */
  #countedToMs = 0
  #hasEnded = false

  /** To be created where the application opens the session: tags and the active span are read here. */
  constructor(dependencies: Dependencies, route: RealtimeRoute, head: RequestHead) {
    this.#dependencies = dependencies
    this.#requestModel = route.model
    const caller = dependencies.sink.caller()
    this.#start = {
      operation: 'realtime',
      endpoint: 'realtime',
      account: dependencies.findAccount(head.header),
      tags: dependencies.readTags(caller),
      ...readServer(head.origin),
      startTimeMs: Date.now(),
      ...(route.model !== undefined && { requestModel: route.model }),
    }
    this.#ownRequestId = readOwnRequestId(head.header)
    this.#clientRequestId = this.#ownRequestId
    this.#span = dependencies.sink.start(this.#start, caller)
    this.#tally = new RealtimeTally(
      {
        used: (usage) => dependencies.sink.usage(this.#identity, usage, 'response'),
        responded: (response) => this.#responded(response),
      },
      monotonicMs,
    )
    const readers = READERS[route.protocol]
    this.received = new readers.received((event) => this.#tally.add(event))
    this.sent = new readers.sent((event) => {
      // Of the application's messages only the first names the requested model.
      if (event.kind === 'session') this.#requestModel ??= event.model
      else this.#tally.add(event)
    })
    dependencies.sessions.add(this)
  }

  within(publish: () => void): void {
    this.#span.within(publish)
  }

  answered(status: number, header: HeaderLookup): void {
    this.#status = status
    const ids = readResponseIds(header)
    this.#inferenceId = ids.inferenceId
    this.#clientRequestId = ids.clientRequestId ?? this.#ownRequestId
    if (status === ACCEPTED) this.#countedToMs = monotonicMs()
    if (this.#inferenceId !== undefined && this.#ownRequestId !== undefined)
      this.#dependencies.accounting.answeredCalls.addInference(this.#inferenceId)
  }

  /** Ends the observation; the application's session is not touched. */
  end(ending: SessionEnding): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#dependencies.sessions.delete(this)
    this.#tally.finish()
    this.#countTime()
    const record = this.#describe(ending)
    this.#decideMissing(record, ending)
    this.#span.finish(record)
    this.#dependencies.onRecord(record)
  }

  get #identity(): UsageIdentity {
    const requestModel = this.#requestModel ?? this.#tally.model
    return {
      ...this.#start,
      ...(requestModel !== undefined && { requestModel }),
      ...(this.#tally.model !== undefined && { responseModel: this.#tally.model }),
    }
  }

  #responded(response: EndedResponse): void {
    const { id, status, usage, startMs, endMs, timeToFirstOutputMs, hasAudio } = response
    const { sessionId } = this.#tally
    this.#countTime()
    const record = describeLabels('call', { identity: this.#identity })
    record.startTimeMs = this.#start.startTimeMs + startMs - this.#startMs
    record.durationMs = endMs - startMs
    record.stream = true
    record.parameters = { outputType: hasAudio ? 'speech' : 'text' }
    if (timeToFirstOutputMs !== undefined) record.timeToFirstChunkMs = timeToFirstOutputMs
    if (id !== undefined) record.responseId = id
    if (sessionId !== undefined) record.conversationId = sessionId
    if (status !== undefined) record.finishReasons = [status]
    if (status === 'failed') record.errorType = '_OTHER'
    if (usage !== undefined) record.usage = usage
    this.#dependencies.sink.responded(record, this.#span.spanContext)
  }

  /** Counts how long the session has been connected since the last time. */
  #countTime(): void {
    if (this.#countedToMs === 0) return
    const nowMs = monotonicMs()
    this.#dependencies.sink.connected(this.#identity, (nowMs - this.#countedToMs) / MS_PER_SECOND)
    this.#countedToMs = nowMs
  }

  #describe(ending: SessionEnding): WritableRecord {
    const { sessionId, used } = this.#tally
    const record = describeLabels('call', {
      identity: this.#identity,
      inferenceId: this.#inferenceId,
      clientRequestId: this.#clientRequestId,
    })
    record.startTimeMs = this.#start.startTimeMs
    record.durationMs = monotonicMs() - this.#startMs
    record.stream = true
    const errorType = this.#classifyError(ending)
    if (this.#status !== undefined) record.httpStatus = this.#status
    if (errorType !== undefined) record.errorType = errorType
    if (ending.closeCode !== undefined) record.closeCode = ending.closeCode
    if (sessionId !== undefined) record.conversationId = sessionId
    if (!isEmpty(used)) record.usage = used
    return record
  }

  #classifyError({ closeCode, errorType }: SessionEnding): string | undefined {
    if (this.#status !== undefined && this.#status !== ACCEPTED) return String(this.#status)
    if (closeCode === undefined) return errorType
    if (!NORMAL_CODES.has(closeCode)) return String(closeCode)
    return this.#tally.endedInError ? '_OTHER' : undefined
  }

  /** Looks up a cost that no message had in the account's log, or reports it missing. */
  #decideMissing(record: WritableRecord, { closeCode }: SessionEnding): void {
    const { wasUsed, isCostKnown, isPartlyUnread, problem, hasOpenResponse } = this.#tally
    // Without a close frame, messages with usage may have been lost.
    const isCut = closeCode === undefined
    const isKnown = isCostKnown && !isCut
    if (this.#status !== ACCEPTED || !wasUsed || (isKnown && !isPartlyUnread)) return
    record.pending = this.#startLogLookup(isCut, isKnown)
    // When only tokens are unknown, the session is not reported missing.
    if (record.pending || isKnown) return
    const reason: MissingReason =
      problem ?? (isCut && (hasOpenResponse || isCostKnown) ? 'aborted' : 'absent')
    record.missing = reason
    this.#dependencies.sink.missing(this.#identity, reason)
  }

  #startLogLookup(isCut: boolean, isCostKnown: boolean): boolean {
    const { used, isPartlyUnread, sessionId } = this.#tally
    const ids = [this.#inferenceId, sessionId]
    const generation = createGeneration(this.#identity, true)
    generation.span = this.#span.spanContext
    generation.inferenceId = this.#inferenceId
    generation.clientRequestId = this.#clientRequestId
    if (isPartlyUnread || isCut) generation.expects = 'input and output tokens'
    generation.countedApart = used
    generation.isCostKnown = isCostKnown
    return this.#dependencies.accounting.logLookup.start(generation, {
      inferenceIds: ids.filter((id) => id !== undefined),
      clientRequestId: this.#clientRequestId,
      startTimeMs: this.#start.startTimeMs,
      // It is not documented that the log has the id that the session's messages have.
      hasUnsureIds: this.#inferenceId === undefined,
    })
  }
}
