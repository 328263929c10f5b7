/** Which log rows belong to which pending calls, and what they add up to. */
import type { LogRow } from '../api/account.ts'
import type { Usage } from '../types.ts'
import type { PendingCall } from './pending-calls.ts'

export interface Finding {
  readonly call: PendingCall
  readonly usage: Usage
  /** As the log names it. */
  readonly inferenceId?: string
}

/**
 * Rows with the inference id of a call are that call's; several (a batch, a retry behind the API) are added up.
 * A client request id is weaker, since retries repeat it: rows under it are dealt to the calls nearest in time,
 * and to none when there are more of them than calls. A cost that cannot be told stays missing, it is not guessed.
 */
export class LogMatches {
  readonly #byInferenceId: Map<string, PendingCall[]>
  readonly #byClientRequestId: Map<string, PendingCall[]>
  /** Rows by the id they were found under, then by their own identity. */
  readonly #found = new Map<PendingCall[], Map<string, LogRow>>()

  constructor(calls: readonly PendingCall[]) {
    this.#byInferenceId = groupBy(calls, (call) => call.inferenceId)
    this.#byClientRequestId = groupBy(calls, (call) =>
      call.inferenceId === undefined ? call.clientRequestId : undefined,
    )
  }

  /** Keeps the row if it may be a call's; says whether it may. */
  take(row: LogRow): boolean {
    const calls = this.#find(row)
    if (calls === undefined) return false
    const rows = this.#found.get(calls) ?? new Map<string, LogRow>()
    this.#found.set(calls, rows.set(row.identity, row))
    return true
  }

  haveAll(wanted: readonly PendingCall[]): boolean {
    for (const { inferenceId, clientRequestId } of wanted) {
      const calls =
        inferenceId === undefined
          ? this.#byClientRequestId.get(clientRequestId ?? '')
          : this.#byInferenceId.get(inferenceId)
      if (calls === undefined || !this.#found.has(calls)) return false
    }
    return true
  }

  findings(): Finding[] {
    return [...this.#found].flatMap(([calls, rows]) => deal(calls, [...rows.values()]))
  }

  #find({ inferenceId, clientRequestId }: LogRow): PendingCall[] | undefined {
    const own = this.#byInferenceId.get(inferenceId ?? '')
    if (own !== undefined) return own
    const calls = this.#byClientRequestId.get(clientRequestId ?? '')
    return calls?.some((call) => accepts(call, inferenceId)) === true ? calls : undefined
  }
}

/** Rows that were found under one id, one group per generation, to the calls that wait under that id. */
function deal(calls: readonly PendingCall[], rows: readonly LogRow[]): Finding[] {
  const groups = [...groupBy(rows, (row) => row.inferenceId ?? row.identity).values()]
  if (groups.length > calls.length) return []
  const waiting = new Set(calls)
  return groups.flatMap((group) => {
    const { createdMs, inferenceId } = group[0] as LogRow
    const [call] = [...waiting]
      .filter((candidate) => accepts(candidate, inferenceId))
      .sort((a, b) => Math.abs(a.startTimeMs - createdMs) - Math.abs(b.startTimeMs - createdMs))
    if (call === undefined) return []
    waiting.delete(call)
    return [{ call, usage: addUp(group), ...(inferenceId !== undefined && { inferenceId }) }]
  })
}

function accepts(call: PendingCall, inferenceId: string | undefined): boolean {
  return call.inferenceId !== undefined || inferenceId === undefined || call.accepts?.(inferenceId) !== false
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
  readKey: (item: Item) => string | undefined,
): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const key = readKey(item)
    if (key === undefined) continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}
