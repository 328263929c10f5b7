/** Matches rows of the log with pending calls, and sums them. */
import type { LogRow } from '../api/account.ts'
import type { AnsweredCall, PendingCall } from '../ports.ts'
import type { Usage } from '../types.ts'

/** The usage that the log has for one pending call. */
export interface Finding {
  readonly call: PendingCall
  /** Empty when another pending call has the charge. */
  readonly usage: Usage
  /** The first of its rows. */
  readonly row: LogRow
}

/**
 * Rows with an inference id of a call belong to that call; several rows (a batch, a retry inside the API) are summed.
 * Several calls with one inference id are one charge, which the first of them gets. A client request id is weaker, since
 * retries repeat it: the rows of calls that were answered are put aside first, the others go to the calls nearest in
 * time, and to none when there are more rows than calls. Where that is ambiguous, the cost stays unknown.
 */
export function createLogMatches(calls: readonly PendingCall[]) {
  const byInferenceId = groupBy(calls, (call) => call.inferenceIds)
  const byClientRequestId = groupBy(calls, (call) =>
    mayBeUnderClientId(call) && call.clientRequestId !== undefined ? [call.clientRequestId] : [],
  )
  /** Rows by the first call of their inference, then by their own key. */
  const rowsOfInferences = new Map<PendingCall, Map<string, LogRow>>()
  /** Rows by the calls that share their client request id, then by their own key. */
  const rowsOfRequests = new Map<PendingCall[], Map<string, LogRow>>()
  const ownersOf = (inferenceId = ''): readonly PendingCall[] => byInferenceId.get(inferenceId) ?? []

  function share(first: PendingCall, rows: readonly LogRow[]): Finding[] {
    const row = rows[0] as LogRow
    const others = new Set(rows.flatMap((each) => ownersOf(each.inferenceId)))
    others.delete(first)
    return [
      { call: first, usage: addUp(rows), row },
      ...[...others].map((call) => ({ call, usage: {}, row })),
    ]
  }

  /** The findings by inference id alone: no other row changes whose they are. */
  const ofInferences = (): Finding[] =>
    [...rowsOfInferences].flatMap(([first, rows]) => share(first, [...rows.values()]))

  return {
    /** Keeps the row if it may belong to a call; returns whether it may. */
    add(row: LogRow): boolean {
      const [first] = ownersOf(row.inferenceId)
      if (first !== undefined) return first.accepts(row) && keep(rowsOfInferences, first, row)
      const sharing = byClientRequestId.get(row.clientRequestId ?? '')
      return sharing?.some((call) => call.accepts(row)) === true && keep(rowsOfRequests, sharing, row)
    },
    /** Whether every wanted call has a certain row. Under a client request id one more row may make all ambiguous. */
    haveAll(wanted: readonly PendingCall[]): boolean {
      return wanted.every(({ inferenceIds }) => {
        const owners = inferenceIds.map((id) => ownersOf(id)[0])
        return owners.some((owner) => owner !== undefined && rowsOfInferences.has(owner))
      })
    },
    ofInferences,
    /** One finding per call that has rows. All rows must have been added: which is whose may depend on their number. */
    findings(): Finding[] {
      const ofRequests = [...rowsOfRequests].flatMap(([sharing, rows]) =>
        assignRows(sharing, [...rows.values()]),
      )
      return [...ofInferences(), ...ofRequests]
    },
  }
}

function mayBeUnderClientId({ inferenceIds, hasUnsureIds }: PendingCall): boolean {
  return inferenceIds.length === 0 || hasUnsureIds === true
}

function keep<Key>(found: Map<Key, Map<string, LogRow>>, key: Key, row: LogRow): true {
  const rows = found.get(key) ?? new Map<string, LogRow>()
  found.set(key, rows.set(row.dedupeKey, row))
  return true
}

/** Assigns the rows of one client request id, one group per generation, to the calls with that id. */
function assignRows(calls: readonly PendingCall[], rows: readonly LogRow[]): Finding[] {
  const groups = new Set(groupBy(rows, (row) => [row.inferenceId ?? row.dedupeKey]).values())
  const answered = answeredBeside(calls)
  // As long as there are not more rows than answered calls, all of them may be theirs.
  if (groups.size <= answered.length || groups.size > answered.length + calls.length) return []
  for (const call of answered) groups.delete(likeliestOf(call, [...groups]))
  const waiting = new Set(calls)
  return [...groups].flatMap((group) => {
    const row = group[0] as LogRow
    const distanceMs = (call: PendingCall): number => Math.abs(call.startTimeMs - row.createdMs)
    const [call] = [...waiting]
      .filter((candidate) => candidate.accepts(row))
      .sort((a, b) => distanceMs(a) - distanceMs(b))
    if (call === undefined) return []
    waiting.delete(call)
    return [{ call, usage: addUp(group), row }]
  })
}

function answeredBeside([call]: readonly PendingCall[]): readonly AnsweredCall[] {
  return call?.answeredBeside?.() ?? []
}

/** The rows that are most likely those of an answered call: by an id, else by the cost, else by the time. */
function likeliestOf(call: AnsweredCall, groups: readonly LogRow[][]): LogRow[] {
  const credits = call.credits()
  const distanceMs = ([row]: LogRow[]): number => Math.abs(call.startTimeMs - (row as LogRow).createdMs)
  return (
    groups.find(([row]) => call.ids.includes(row?.inferenceId ?? '')) ??
    groups.find((group) => addUp(group).credits === credits) ??
    groups.reduce((nearest, group) => (distanceMs(group) < distanceMs(nearest) ? group : nearest))
  )
}

function addUp(rows: readonly LogRow[]): Usage {
  const sum = (read: (row: LogRow) => number): number => rows.reduce((total, row) => total + read(row), 0)
  const cost = { credits: sum((row) => row.cost.credits), usd: sum((row) => row.cost.usd) }
  // Absent when no row was billed by tokens: 0 would be a figure.
  if (rows.every((row) => row.tokens === undefined)) return cost
  return {
    ...cost,
    inputTokens: sum((row) => row.tokens?.input ?? 0),
    outputTokens: sum((row) => row.tokens?.output ?? 0),
  }
}

function groupBy<Item>(items: readonly Item[], readKeys: (item: Item) => readonly string[]) {
  const groups = new Map<string, Item[]>()
  for (const item of items)
    for (const key of readKeys(item)) {
      const group = groups.get(key) ?? []
      group.push(item)
      groups.set(key, group)
    }
  return groups
}
