/** Turns calls into ledger entries. The only place that charges. */
import type { Accounts } from './accounts.ts'
import { Refusal, type Call } from './call.ts'
import { CREDITS_PER_USD, type EntryStatus, type Ledger, type LedgerEntry } from './ledger.ts'
import type { Model } from './models.ts'

export interface Lag {
  readonly transactionMs: () => number
  readonly logMs: () => number
}

export interface Charge {
  readonly credits: number
  readonly tokens?: { readonly input: number; readonly output: number }
  readonly status?: EntryStatus
}

export interface Billing {
  /** @throws Refusal 403 when the account cannot pay `credits`, or the key's limit is reached. */
  requireFunds(call: Call, credits: number): void
  charge(call: Call, model: Model, charge: Charge): LedgerEntry
  /** A hold becomes final. Its cost may turn out different. */
  settle(held: LedgerEntry, charge?: Charge): void
  /** A hold is given back: the job failed. */
  release(held: LedgerEntry): void
  /** A refused or failed request: in the log, without cost. */
  fail(call: Call, model: Model | undefined): void
}

const NO_TOKENS = { input: 0, output: 0 }

export function createBilling(ledger: Ledger, accounts: Accounts, now: () => number, lag: Lag): Billing {
  function book(call: Call, model: Model | undefined, status: EntryStatus, charge: Charge): LedgerEntry {
    const held = status === 'held'
    return ledger.append({
      account: call.key.account.name,
      keyPrefix: call.key.prefix,
      direction: 'CHARGE',
      type: 'MODEL_USAGE',
      status,
      inferenceId: call.inferenceId,
      clientRequestId: call.clientRequestId,
      requestId: call.requestId,
      model: model?.name ?? null,
      catalogueModel: model?.catalogueId ?? null,
      endpoint: call.family,
      tag: call.tag,
      credits: charge.credits,
      heldCredits: held ? charge.credits : 0,
      tokens: charge.tokens ?? NO_TOKENS,
      requestedAt: call.requestedAt,
      createdAt: held ? call.requestedAt : now(),
      transactionVisibleAt: status === 'charged' ? now() + lag.transactionMs() : Number.POSITIVE_INFINITY,
      logVisibleAt: held ? Number.POSITIVE_INFINITY : now() + lag.logMs(),
    })
  }

  return {
    requireFunds(call, credits) {
      const { account, limit, prefix } = call.key
      if (account.balanceCredits <= 0 || account.balanceCredits < credits) {
        throw new Refusal(
          403,
          "You've run out of credits. Please top up your balance to continue using the API.",
        )
      }
      if (limit === undefined) return
      const spent = ledger.sum({ account: account.name, keyPrefix: prefix, type: 'MODEL_USAGE' })
      if (spent.credits / CREDITS_PER_USD >= limit.thresholdUsd)
        throw new Refusal(403, 'The spending limit of this API key is reached.')
    },
    charge(call, model, charge) {
      const entry = book(call, model, charge.status ?? 'charged', charge)
      accounts.charge(call.key.account, charge.credits)
      return entry
    },
    settle(held, charge) {
      const credits = charge?.credits ?? held.credits
      ledger.amend(held.sequence, {
        status: 'charged',
        credits,
        tokens: charge?.tokens ?? held.tokens,
        transactionVisibleAt: now() + lag.transactionMs(),
        logVisibleAt: now() + lag.logMs(),
      })
      if (credits !== held.credits) accounts.charge(accounts.get(held.account), credits - held.credits)
    },
    release(held) {
      ledger.amend(held.sequence, {
        status: 'released',
        credits: 0,
        tokens: NO_TOKENS,
        logVisibleAt: now() + lag.logMs(),
      })
      accounts.charge(accounts.get(held.account), -held.credits)
    },
    fail(call, model) {
      book(call, model, 'failed', { credits: 0 })
    },
  }
}
