/** Decides what a request is answered: by its family, by the account, or with a refusal. */
import type { Accounts, SimulatedKey } from './accounts.ts'
import type { Batches } from './batches.ts'
import type { Billing } from './billing.ts'
import { json, promptOf, Refusal, type Answer, type Call } from './call.ts'
import { errorBody, errorMessage } from './errors.ts'
import type { Incoming } from './incoming.ts'
import type { Jobs } from './jobs.ts'
import type { Ledger } from './ledger.ts'
import { modelFor } from './models.ts'
import type { Random } from './random.ts'
import type { RouteMatch } from './routes.ts'
import type { Replays } from './replays.ts'

export interface World {
  readonly now: () => number
  readonly ledger: Ledger
  readonly accounts: Accounts
  readonly billing: Billing
  readonly jobs: Jobs
  readonly batches: Batches
  readonly replays: Replays
  readonly keyOfOthers: boolean
  readonly usageLagMs: number
  readonly withinLogRate: (account: string) => boolean
}

export interface Responded {
  readonly answer: Answer
  /** Absent for account endpoints and for requests that came to no endpoint. */
  readonly call: Call | undefined
}

function callOf(
  incoming: Incoming,
  route: RouteMatch,
  key: SimulatedKey,
  random: Random,
  world: World,
): Call {
  return {
    family: route.row.family,
    method: incoming.method,
    path: incoming.path,
    query: incoming.url.searchParams,
    parameters: route.parameters,
    body: incoming.body,
    sizeBytes: incoming.sizeBytes,
    key,
    behaviour: incoming.behaviour,
    random,
    tag: incoming.tag ?? null,
    inferenceId: random.nanoid(),
    requestId: random.uuid(),
    clientRequestId: incoming.clientRequestId,
    requestedAt: incoming.requestedAt,
    billing: world.billing,
    jobs: world.jobs,
    batches: world.batches,
    replays: world.replays,
  }
}

function refuse(status: number, prompt = ''): never {
  throw new Refusal(status, errorMessage(status, prompt))
}

/** A repeated idempotency key is answered as it was before, under the same inference id, and not charged again. */
function answerOnce({ idempotencyKey: key }: Incoming, call: Call, { row }: RouteMatch): Answer {
  if (key === undefined || call.method !== 'POST') return row.handle(call)
  const account = call.key.account.name
  const known = call.replays.find(account, key)
  if (known !== undefined) return known
  const answer = row.handle(call)
  if (answer.kind !== 'json') return answer
  const given = { inferenceId: call.inferenceId, ...answer }
  call.replays.keep(account, key, given)
  return given
}

function answerOf(incoming: Incoming, call: Call | undefined, world: World): Answer {
  const { accountRow, faults, key, refusal, route } = incoming
  if (refusal !== undefined) throw refusal
  if (faults.status !== undefined) refuse(faults.status, promptOf(incoming.body))
  if (route === undefined && accountRow === undefined) refuse(404)
  if (route !== undefined && call !== undefined) return answerOnce(incoming, call, route)
  if (accountRow === undefined || (key === undefined && accountRow.open !== true)) refuse(401)
  return accountRow.handle({
    method: incoming.method,
    path: incoming.path,
    query: incoming.url.searchParams,
    // Open endpoints do not look at it.
    key: key as SimulatedKey,
    ledger: world.ledger,
    accounts: world.accounts,
    now: world.now,
    keyOfOthers: world.keyOfOthers,
    usageLagMs: world.usageLagMs,
    withinLogRate: world.withinLogRate,
  })
}

/** Charges too, except for streams, which are charged when they are over. */
export function respond(incoming: Incoming, random: Random, world: World): Responded {
  const { key, route } = incoming
  const call =
    route === undefined || key === undefined ? undefined : callOf(incoming, route, key, random, world)
  try {
    return { answer: answerOf(incoming, call, world), call }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (call !== undefined) {
      const { modelName } = incoming
      world.billing.fail(call, modelName === undefined ? undefined : modelFor(modelName, call.family))
    }
    const requestId = call?.requestId ?? random.uuid()
    const body = errorBody(error.status, error.message, incoming.path, requestId, world.now())
    return {
      answer: { ...json(body), status: error.status, ...(call === undefined ? { inferenceId: null } : {}) },
      call,
    }
  }
}
