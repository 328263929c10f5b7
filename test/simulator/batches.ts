/** Message batches: many requests, one job, results as NDJSON. Costs stand in the ledger alone. */
import type { Billing, Charge } from './billing.ts'
import type { Call, Json } from './call.ts'
import type { LedgerEntry } from './ledger.ts'
import type { Model } from './models.ts'

export interface BatchItem {
  readonly model: Model
  readonly charge: Charge
  /** Its line in the results. */
  readonly line: Json
}

export interface Batch {
  readonly id: string
  readonly account: string
  readonly polls: number
  readonly createdAt: number
  readonly items: readonly BatchItem[]
  readonly held: readonly LedgerEntry[]
  polled: number
  status: 'in_progress' | 'ended' | 'cancelled'
}

export interface Batches {
  /** Takes the hold: one ledger entry for the batch, or one for each of its items. */
  create(call: Call, id: string, items: readonly BatchItem[]): Batch
  get(id: string): Batch | undefined
  /** Counts a fetch; the last one settles the hold. */
  poll(batch: Batch): Batch['status']
  /** Gives the hold back. @returns false when it has already finished. */
  cancel(batch: Batch): boolean
  /** Lets every batch that runs end now, as if time had passed. */
  finishAll(): void
}

/** @param maxBatches finished batches beyond it are forgotten, oldest first. */
export function createBatches(
  billing: Billing,
  now: () => number,
  ledger: 'per-batch' | 'per-item',
  maxBatches: number,
): Batches {
  const batches = new Map<string, Batch>()

  function hold(call: Call, items: readonly BatchItem[]): LedgerEntry[] {
    const [first] = items
    if (first === undefined) return []
    if (ledger === 'per-item') {
      return items.map((item) => billing.charge(call, item.model, { ...item.charge, status: 'held' }))
    }
    const total = { credits: 0, input: 0, output: 0 }
    for (const { charge } of items) {
      total.credits += charge.credits
      total.input += charge.tokens?.input ?? 0
      total.output += charge.tokens?.output ?? 0
    }
    const { credits, ...tokens } = total
    return [billing.charge(call, first.model, { credits, tokens, status: 'held' })]
  }

  function finish(batch: Batch): void {
    batch.status = 'ended'
    for (const entry of batch.held) billing.settle(entry)
  }

  return {
    create(call, id, items) {
      const batch: Batch = {
        id,
        account: call.key.account.name,
        polls: call.behaviour.polls,
        createdAt: now(),
        items,
        held: hold(call, items),
        polled: 0,
        status: 'in_progress',
      }
      batches.set(id, batch)
      let excess = batches.size - maxBatches
      for (const old of batches.values()) {
        if (excess-- <= 0) break
        if (old.status !== 'in_progress') batches.delete(old.id)
      }
      return batch
    },
    get: (id) => batches.get(id),
    poll(batch) {
      if (batch.status !== 'in_progress') return batch.status
      batch.polled += 1
      if (batch.polled >= batch.polls) finish(batch)
      return batch.status
    },
    cancel(batch) {
      if (batch.status !== 'in_progress') return false
      batch.status = 'cancelled'
      for (const entry of batch.held) billing.release(entry)
      return true
    },
    finishAll() {
      for (const batch of batches.values()) if (batch.status === 'in_progress') finish(batch)
    },
  }
}
