/** Which log rows belong to which pending calls, and what they add up to. */
import type { LogRow } from '../api/account.ts'
import type { PendingCall } from '../ports.ts'
import type { Usage } from '../types.ts'

export interface Finding {
  readonly call: PendingCall
  /** Empty where the charge was another pending call's. */
  readonly usage: Usage
  /** As the log names it. */
  readonly inferenceId?: string
}

/**
 * Rows with an inference id of a call are that call's; several (a batch, a retry behind the API) are added up.
 * Several calls under one inference id are one charge: the first of them has it. A client request id is weaker, since
 * retries repeat it: rows under it go to the calls nearest in time, and to none when there are more of them than
 * calls. A cost that cannot be told stays missing, it is not guessed.
 */
export class LogMatches {
  readonly #byInferenceId: Map<string, PendingCall[]>
  readonly #byClientRequestId: Map<string, PendingCall[]>
  /** Rows of the first call of their inference, by their own identity. */
  readonly #ofInferences = new Map<PendingCall, Map<string, LogRow>>()
  /** Rows by the calls that share the client request id they were found under, then by their own identity. */
  readonly #ofRequests = new Map<PendingCall[], Map<string, LogRow>>()

  constructor(calls: readonly PendingCall[]) {
    this.#byInferenceId = groupBy(calls, (call) => call.inferenceIds)
    this.#byClientRequestId = groupBy(calls, (call) =>
      mayBeUnderClientId(call) && call.clientRequestId !== undefined ? [call.clientRequestId] : [],
    )
  }

  /** Keeps the row if it may be a call's; says whether it may. */
  take(row: LogRow): boolean {
    const [first] = this.#ownersOf(row.inferenceId)
    if (first !== undefined) return first.accepts(row) && keep(this.#ofInferences, first, row)
    const calls = this.#byClientRequestId.get(row.clientRequestId ?? '')
    return calls?.some((call) => call.accepts(row)) === true && keep(this.#ofRequests, calls, row)
  }

  haveAll(wanted: readonly PendingCall[]): boolean {
    return wanted.every((call) => {
      if (call.inferenceIds.some((id) => this.#isFound(id))) return true
      if (!mayBeUnderClientId(call)) return false
      const calls = this.#byClientRequestId.get(call.clientRequestId ?? '')
      return calls !== undefined && this.#ofRequests.has(calls)
    })
  }

  findings(): Finding[] {
    return [
      ...[...this.#ofInferences].flatMap(([first, rows]) => this.#share(first, [...rows.values()])),
      ...[...this.#ofRequests].flatMap(([calls, rows]) => deal(calls, [...rows.values()])),
    ]
  }

  #ownersOf(inferenceId: string | undefined): readonly PendingCall[] {
    return this.#byInferenceId.get(inferenceId ?? '') ?? []
  }

  #isFound(inferenceId: string): boolean {
    const [first] = this.#ownersOf(inferenceId)
    return first !== undefined && this.#ofInferences.has(first)
  }

  #share(first: PendingCall, rows: readonly LogRow[]): Finding[] {
    const { inferenceId } = rows[0] as LogRow
    const others = new Set(rows.flatMap((row) => this.#ownersOf(row.inferenceId)))
    others.delete(first)
    return [
      findingOf(first, addUp(rows), inferenceId),
      ...[...others].map((call) => findingOf(call, {}, inferenceId)),
    ]
  }
}

function mayBeUnderClientId({ inferenceIds, hasUnsureIds }: PendingCall): boolean {
  return inferenceIds.length === 0 || hasUnsureIds === true
}

function keep<Key>(found: Map<Key, Map<string, LogRow>>, key: Key, row: LogRow): true {
  const rows = found.get(key) ?? new Map<string, LogRow>()
  found.set(key, rows.set(row.identity, row))
  return true
}

/** Rows that were found under one client request id, one group per generation, to the calls that wait under it. */
function deal(calls: readonly PendingCall[], rows: readonly LogRow[]): Finding[] {
  const groups = [...groupBy(rows, (row) => [row.inferenceId ?? row.identity]).values()]
  if (groups.length > calls.length) return []
  const waiting = new Set(calls)
  return groups.flatMap((group) => {
    const row = group[0] as LogRow
    const distance = (call: PendingCall): number => Math.abs(call.startTimeMs - row.createdMs)
    const [call] = [...waiting]
      .filter((candidate) => candidate.accepts(row))
      .sort((a, b) => distance(a) - distance(b))
    if (call === undefined) return []
    waiting.delete(call)
    return [findingOf(call, addUp(group), row.inferenceId)]
  })
}

function findingOf(call: PendingCall, usage: Usage, inferenceId: string | undefined): Finding {
  return inferenceId === undefined ? { call, usage } : { call, usage, inferenceId }
}

function addUp(rows: readonly LogRow[]): Usage {
  const sum = (read: (row: LogRow) => number): number => rows.reduce((total, row) => total + read(row), 0)
  const cost = { credits: sum((row) => row.cost.credits), usd: sum((row) => row.cost.usd) }
  // Absent where none of them was billed by tokens: 0 tokens would be a statement.
  if (rows.every((row) => row.tokens === undefined)) return cost
  return {
    ...cost,
    inputTokens: sum((row) => row.tokens?.input ?? 0),
    outputTokens: sum((row) => row.tokens?.output ?? 0),
  }
}

function groupBy<Item>(
  items: readonly Item[],
  readKeys: (item: Item) => readonly string[],
): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    for (const key of readKeys(item)) {
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [item])
      else group.push(item)
    }
  }
  return groups
}
