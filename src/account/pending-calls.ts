/** The calls that wait for the account's log, over all accounts: bounded in number and age. */
import { OldestKeys } from '../oldest-keys.ts'
import type { PendingCall } from '../ports.ts'

/** A pending call and how far the log was searched for it. */
export interface PendingEntry {
  readonly call: PendingCall
  /** Monotonic, so that setting the host's clock moves neither. */
  readonly startedAtMs: number
  readonly addedAtMs: number
  /** Monotonic: not looked for again before that. */
  dueAtMs: number
  /** Server time: rows up to here were read and would have been visible. */
  searchedUntilMs: number
}

export class PendingCalls {
  readonly #maxPending: number
  /** In the order they came: the first is the oldest. */
  readonly #entries = new Map<PendingCall, PendingEntry>()
  readonly #oldest = new OldestKeys(this.#entries)
  readonly #byAccount = new Map<string, Set<PendingEntry>>()

  /** @param maxPending over all accounts; one more and the oldest is lost. */
  constructor(accounts: Iterable<string>, maxPending: number) {
    this.#maxPending = maxPending
    for (const account of accounts) this.#byAccount.set(account, new Set())
  }

  /**
   * False when the account is unknown or there is no id to look for.
   * @param addedAtMs now, monotonic.
   * @param ageMs how long ago the call began.
   */
  add(call: PendingCall, addedAtMs: number, ageMs: number): boolean {
    const ofAccount = this.#byAccount.get(call.account)
    const isUnknown = call.inferenceIds.length === 0 && call.clientRequestId === undefined
    if (ofAccount === undefined || isUnknown) return false
    if (this.#entries.has(call)) return true
    const entry: PendingEntry = {
      call,
      startedAtMs: addedAtMs - ageMs,
      addedAtMs,
      dueAtMs: addedAtMs,
      searchedUntilMs: Number.NEGATIVE_INFINITY,
    }
    this.#entries.set(call, entry)
    ofAccount.add(entry)
    if (this.#entries.size > this.#maxPending) {
      const oldest = this.#oldest.take()
      if (oldest !== undefined) this.#lose(oldest, 'evicted')
    }
    return true
  }

  /** True when it was there. */
  remove(call: PendingCall): boolean {
    const entry = this.#entries.get(call)
    if (entry === undefined) return false
    this.#entries.delete(call)
    this.#byAccount.get(call.account)?.delete(entry)
    return true
  }

  ofAccount(account: string): ReadonlySet<PendingEntry> {
    return this.#byAccount.get(account) ?? new Set()
  }

  counts(): Map<string, number> {
    return new Map([...this.#byAccount].map(([account, entries]) => [account, entries.size]))
  }

  /** Loses calls that were added before `limitMs` (monotonic). */
  expire(limitMs: number): void {
    for (const { call, addedAtMs } of this.#entries.values()) {
      if (addedAtMs > limitMs) break
      this.#lose(call, 'expired')
    }
  }

  /** Loses all calls: settlement has stopped. */
  clear(): void {
    for (const call of this.#entries.keys()) this.#lose(call, 'evicted')
  }

  #lose(call: PendingCall, reason: 'expired' | 'evicted'): void {
    if (this.remove(call)) call.lost(reason)
  }
}
