/** The pending calls of all accounts, bounded in number and age. */
import { OldestKeys } from '../oldest-keys.ts'
import type { PendingCall } from '../ports.ts'

/** A pending call, and how far the log was searched for it. */
export interface PendingEntry {
  readonly call: PendingCall
  /** Both monotonic: independent of changes of the host's clock. */
  readonly startedAtMs: number
  readonly addedAtMs: number
  /** Monotonic time of the next search. */
  dueAtMs: number
  /** Server time up to which rows were read and would have been visible. */
  searchedUntilMs: number
}

export class PendingCalls {
  readonly #maxPending: number
  /** In order of addition: the first is the oldest. */
  readonly #entries = new Map<PendingCall, PendingEntry>()
  readonly #oldest = new OldestKeys(this.#entries)
  readonly #byAccount: ReadonlyMap<string, Set<PendingEntry>>

  /** @param maxPending over all accounts; with one more, the oldest is lost. */
  constructor(accounts: readonly { readonly name: string }[], maxPending: number) {
    this.#maxPending = maxPending
    this.#byAccount = new Map(accounts.map(({ name }) => [name, new Set()]))
  }

  /** Returns false when the account is unknown or the call has no id to search for. Both times are monotonic. */
  add(call: PendingCall, startedAtMs: number, addedAtMs: number): boolean {
    const ofAccount = this.#byAccount.get(call.account)
    const isUnknown = call.inferenceIds.length === 0 && call.clientRequestId === undefined
    if (ofAccount === undefined || isUnknown) return false
    if (this.#entries.has(call)) return true
    const entry = { call, startedAtMs, addedAtMs, dueAtMs: addedAtMs, searchedUntilMs: -Infinity }
    this.#entries.set(call, entry)
    ofAccount.add(entry)
    if (this.#entries.size > this.#maxPending) {
      const oldest = this.#oldest.next()
      if (oldest !== undefined) this.#lose(oldest, 'evicted')
    }
    return true
  }

  /** Returns whether it was pending. */
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

  countByAccount(): Map<string, number> {
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
