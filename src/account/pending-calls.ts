/** The pending calls of all accounts, bounded in number and age. */
import { createOldestKeys } from '../oldest-keys.ts'
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

/** @param maxPending over all accounts; with one more, the oldest is lost. */
export function createPendingCalls(accounts: readonly { readonly name: string }[], maxPending: number) {
  /** In order of addition: the first is the oldest. */
  const entries = new Map<PendingCall, PendingEntry>()
  const oldestCalls = createOldestKeys(entries)
  const byAccount = new Map(accounts.map(({ name }) => [name, new Set<PendingEntry>()]))

  /** Returns whether it was pending. */
  function remove(call: PendingCall): boolean {
    const entry = entries.get(call)
    if (entry !== undefined) byAccount.get(call.account)?.delete(entry)
    return entries.delete(call)
  }

  function lose(call: PendingCall, reason: 'expired' | 'evicted'): void {
    if (remove(call)) call.lost(reason)
  }

  return {
    /** Returns false when the account is unknown or the call has no id to search for. Both times are monotonic. */
    add(call: PendingCall, startedAtMs: number, addedAtMs: number): boolean {
      const ofAccount = byAccount.get(call.account)
      const isUnknown = call.inferenceIds.length === 0 && call.clientRequestId === undefined
      if (ofAccount === undefined || isUnknown) return false
      if (entries.has(call)) return true
      const entry = { call, startedAtMs, addedAtMs, dueAtMs: addedAtMs, searchedUntilMs: -Infinity }
      entries.set(call, entry)
      ofAccount.add(entry)
      const oldest = entries.size > maxPending ? oldestCalls.next() : undefined
      if (oldest !== undefined) lose(oldest, 'evicted')
      return true
    },
    remove,
    ofAccount: (account: string): ReadonlySet<PendingEntry> => byAccount.get(account) ?? new Set(),
    countByAccount: (): Map<string, number> =>
      new Map([...byAccount].map(([account, ofAccount]) => [account, ofAccount.size])),
    /** Loses calls that were added before `limitMs` (monotonic). */
    expire(limitMs: number): void {
      for (const { call, addedAtMs } of entries.values()) {
        if (addedAtMs > limitMs) break
        lose(call, 'expired')
      }
    },
    /** Loses all calls: settlement has stopped. */
    clear(): void {
      for (const call of entries.keys()) lose(call, 'evicted')
    },
  }
}
