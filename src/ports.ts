/** The interfaces between the folders of src. Types only: nothing here runs. */
import type { Context, SpanContext } from '@opentelemetry/api'
import type { CallIdentity, CallRecord, MissingReason, TokenDetail, Usage, UsageSource } from './types.ts'

/** A CallIdentity with further labels of usage. */
export type UsageIdentity = CallIdentity &
  Pick<CallRecord, 'serverAddress' | 'serverPort' | 'responseModel' | 'routedModel'>

/** What is known of a call when its span starts: `requestModel` only if the URL or an earlier call names it. */
export type CallStart = CallIdentity & Pick<CallRecord, 'serverAddress' | 'serverPort' | 'startTimeMs'>

/** Records calls. Implemented in telemetry/, called in calls/. No method throws, whatever the host's SDK throws. */
export interface CallSink {
  /** The active OpenTelemetry context. Taken when a call begins, for `start`. */
  caller(): Context
  /** Whether a span of this process is active there, so that one that starts there becomes part of its trace. */
  isInTrace(caller: Context): boolean
  /** Begins the span, at `startTimeMs`: with the call, or as late as its end where nobody needs it before. */
  start(start: CallStart, caller: Context): ActiveCall
  /** Streaming: the times between chunks, in milliseconds. Chunks that arrived together are one. */
  chunkIntervals(identity: StreamIdentity, intervalsMs: readonly number[]): void
  /** Counts usage: from the response when a call ends, or later from a poll or the ledger. */
  usage(identity: UsageIdentity, usage: Usage, source: UsageSource): void
  /**
   * One response of a realtime session, as it ends: a span below the session's own, and its times. Its usage is
   * counted apart. `finishReasons` has its status: `completed`, `cancelled`, `incomplete`, `failed`, `interrupted`.
   */
  responded(response: CallRecord, session: SpanContext | undefined): void
  /** Realtime sessions: counts the seconds connected since the last call. Called with each response, and at the end. */
  connected(identity: CallIdentity, seconds: number): void
  missing(identity: CallIdentity, reason: MissingReason): void
  refunded(identity: CallIdentity, credits: number): void
  /** Records what settlement found as a span `settle {model}`, linked to the call's own. Does not count it. */
  settled(identity: CallIdentity, usage: Usage, inferenceId?: string, call?: SpanContext): void
}

/** What is known of a stream while its chunks are still coming. */
export type StreamIdentity = Pick<CallRecord, 'operation' | 'requestModel' | 'serverAddress' | 'serverPort'>

/** One call between its start and its end. */
export interface ActiveCall {
  /** What later spans link to. */
  readonly spanContext: SpanContext | undefined
  /**
   * Runs `fn` synchronously with the call's span active. `fn` must not throw. The host's context manager may call it not
   * at all or twice (see `publishOnce` in `traffic`).
   */
  within(fn: () => void): void
  /** Ends the span at `startTimeMs + durationMs`, counts the request and its duration. Usage is counted apart. */
  finish(record: CallRecord, linkTo?: SpanContext): void
}

/** The fields of a row of the account's log that say which call it belongs to. */
export interface LoggedCall {
  readonly inferenceId?: string
  /** `source/alias` */
  readonly model?: string
  readonly cost?: { readonly credits: number }
}

/** A call that was answered and has a row in the log, under an inference id that its answer did not say. */
export interface AnsweredCall {
  /** Other ids of its answer, which the log may know it by. */
  readonly ids: readonly string[]
  /** Milliseconds since the epoch. */
  readonly startTimeMs: number
  /** What was counted of it so far. */
  credits(): number | undefined
}

/** A call whose response did not say its cost or its tokens. At most one of `found` and `lost` is called, once; none after it was removed. */
export interface PendingCall {
  readonly account: string
  /** Inference ids that its row may have; the first is the one to show. Empty: no response came. */
  readonly inferenceIds: readonly string[]
  /** Searched for only when there is no certain inference id. */
  readonly clientRequestId?: string | undefined
  /** The row may have none of `inferenceIds`. */
  readonly hasUnsureIds?: boolean
  /** Milliseconds since the epoch. */
  readonly startTimeMs: number
  /**
   * Whether a log row under one of these ids may be this call's. A retry repeats the client request id and has a row
   * of its own, and so has the decision of a router.
   */
  accepts(row: LoggedCall): boolean
  /** Calls under the same client request id that were answered: some of the rows under it are theirs. */
  answeredBeside?(): readonly AnsweredCall[]
  /** The log has its usage. `inferenceId` and `model`: those of the row. */
  found(usage: Usage, inferenceId?: string, model?: string): void
  /** The usage will never be known. */
  lost(reason: 'expired' | 'evicted'): void
}

/** Looks up usage later. Called in calls/, implemented in account/. */
export interface SettlementPort {
  /** Returns false when the call cannot be looked up: no key for its account, switched off, or no id. */
  add(call: PendingCall): boolean
  remove(call: PendingCall): void
}

/** One account as the gauges show it, from the last good responses. A field that no response had is absent. */
export interface AccountSnapshot {
  readonly account: string
  readonly balanceCredits?: number
  readonly balanceUsd?: number
  readonly balanceLow?: boolean
  readonly lowBalanceThresholdCredits?: number
  /** Time of the last good response with a balance, in seconds since the epoch. */
  readonly updatedTimestampSeconds?: number
  readonly autoTopUpEnabled?: boolean
  readonly autoTopUpThresholdUsd?: number
  readonly autoTopUpAmountUsd?: number
  /** Every key that the API lists: all of the account with a management key, else the one in use. */
  readonly keys?: readonly KeySnapshot[]
  /** What each key spent on each model in the current day and month (UTC). */
  readonly spend?: readonly SpendSnapshot[]
  /** How far the reading of the ledger's charges is behind. */
  readonly ledgerLagSeconds?: number
}

/** One API key: its settings and what it spent in the period of its limit, else this month, in US dollars. */
export interface KeySnapshot {
  /** Its public handle: the first 8 characters. */
  readonly prefix: string
  readonly disabled?: boolean
  readonly limitUsd?: number
  readonly usageUsd?: number
  /** The period of the limit. */
  readonly retention?: 'no_reset' | 'day' | 'week' | 'month'
}

/** What one key spent on one model, in US dollars. A period that the last response does not cover is absent. */
export interface SpendSnapshot {
  readonly keyPrefix: string
  /** Absent where the API does not know it. */
  readonly model?: string
  readonly dayUsd?: number
  readonly monthUsd?: number
}

/** What some requests of an account used. Every number is finite and not negative. */
export interface UsageTotals {
  readonly usd: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly succeeded: number
  readonly failed: number
}

/** What one key used of one model since the last `UsageGrowth` for it. */
export interface UsageGrowth extends UsageTotals {
  readonly account: string
  readonly keyPrefix: string
  /** Absent where the API does not know it. */
  readonly model?: string
}

/** One movement of an account's money in its ledger. */
export interface LedgerEntry {
  readonly account: string
  readonly direction: 'topup' | 'charge'
  /** `MODEL_USAGE`, `PAYMENT`, `REFUND`, …; `other` for a value of another form. */
  readonly type: string
  readonly model?: string
  /** Not negative. */
  readonly credits: number
}

/** The catalogue's facts of a model in use. */
export interface ModelSnapshot {
  /** The name that calls or the account's usage have for it. */
  readonly model: string
  /** US dollars per token, where they are fixed. */
  readonly prices: readonly {
    readonly tokenType: 'input' | 'output'
    /** Of a part of the input tokens. */
    readonly detail?: TokenDetail
    readonly usd: number
  }[]
  /** Seconds since the epoch, where the model will be shut down. */
  readonly shutdownTimestampSeconds?: number
}

/** The kinds of request that account/ sends. */
export type AccountPoll = 'balance' | 'key' | 'settlement' | 'ledger' | 'usage' | 'catalogue'
