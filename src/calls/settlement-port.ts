/** What the calls room asks of whoever can look up a cost later (the account room's settlement). */
import type { Usage } from '../types.ts'

export interface PendingCall {
  readonly account: string
  readonly inferenceId?: string
  readonly clientRequestId?: string
  /** Milliseconds since the epoch. */
  readonly startTimeMs: number
  settled(usage: Usage): void
  lost(reason: 'expired' | 'evicted'): void
}

export interface SettlementPort {
  /** False: nothing will come (no key for that account, switched off, or no id to look for). */
  add(call: PendingCall): boolean
  remove(call: PendingCall): void
}
