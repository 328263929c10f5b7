/** What the calls room asks of whoever can look up a cost later (the account room's settlement). */
import type { Usage } from '../types.ts'

export interface PendingCall {
  readonly account: string
  readonly inferenceId?: string
  readonly clientRequestId?: string
  /** Milliseconds since the epoch. */
  readonly startTimeMs: number
  /**
   * Whether a log row that only the client request id points to may be this call's: a retry repeats that id, and
   * its row is its own.
   */
  accepts(inferenceId: string): boolean
  /** `inferenceId`: as the log names it, also where the call never learnt it. */
  settled(usage: Usage, inferenceId?: string): void
  lost(reason: 'expired' | 'evicted'): void
}

export interface SettlementPort {
  /** False: nothing will come (no key for that account, switched off, or no id to look for). */
  add(call: PendingCall): boolean
  remove(call: PendingCall): void
}
