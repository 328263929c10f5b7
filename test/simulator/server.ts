/** One HTTP request from its first byte to its last: who sends it, what goes wrong, who answers. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Accounts, SimulatedKey } from './accounts.ts'
import { matchAccountRoute } from './account/routes.ts'
import type { Batches } from './batches.ts'
import { parseBehaviour, type Behaviour } from './behaviour.ts'
import type { Billing } from './billing.ts'
import { json, promptOf, Refusal, type Answer, type Call, type JsonObject } from './call.ts'
import { deliver, sever } from './deliver.ts'
import { errorBody, errorMessage } from './errors.ts'
import { parseFaults, type FaultRules, type Faults } from './faults.ts'
import type { Jobs } from './jobs.ts'
import type { Ledger } from './ledger.ts'
import { modelFor, type Model } from './models.ts'
import { createRandom } from './random.ts'
import { parseBody, readBody } from './request-body.ts'
import { matchRoute, type RouteMatch } from './routes.ts'

export interface SeenRequest {
  readonly at: number
  readonly method: string
  /** Without query. */
  readonly path: string
  readonly query: string
  readonly account: string | undefined
}

export interface HandlerContext {
  readonly seed: string
  readonly now: () => number
  readonly pathPrefix: string
  readonly latencyMs: () => number
  readonly behaviour: Behaviour
  readonly keyOfOthers: boolean
  readonly ledger: Ledger
  readonly accounts: Accounts
  readonly billing: Billing
  readonly jobs: Jobs
  readonly batches: Batches
  readonly rules: FaultRules
}

export interface RequestHandler {
  handle(request: IncomingMessage, response: ServerResponse): void
  readonly requests: readonly SeenRequest[]
  idle(): Promise<void>
  stop(): void
}

const MAX_SEEN = 10_000
const CLIENT_REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/
/** Marks the target of a simulated redirect, which then answers normally. */
const REDIRECTED = 'sim-redirected'

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

function secretOf(request: IncomingMessage): string {
  const bearer = /^Bearer\s+(?<key>\S+)$/i.exec(headerOf(request, 'authorization') ?? '')?.groups?.['key']
  return bearer ?? headerOf(request, 'x-api-key') ?? headerOf(request, 'api-key') ?? ''
}

export function createRequestHandler(context: HandlerContext): RequestHandler {
  const { now, rules, billing } = context
  const stopped = new AbortController()
  const requests: SeenRequest[] = []
  const working = new Set<Promise<void>>()
  /** How often a kind of request came: makes each of them differ, in the same way with the same seed. */
  const occurrences = new Uint32Array(65_536)

  function randomFor(kind: string) {
    const slot = createHash('sha1').update(kind).digest().readUInt16LE(0)
    const count = (occurrences[slot] = (occurrences[slot] ?? 0) + 1)
    return createRandom(`${context.seed}/${kind}/${count}`)
  }

  /** Never resolves for the caller's work: waits until the client leaves or everything stops. */
  async function hang(gone: AbortSignal, task: Promise<void>): Promise<void> {
    working.delete(task)
    await new Promise<void>((resolve) => {
      if (gone.aborted) resolve()
      else gone.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  async function work(request: IncomingMessage, response: ServerResponse, self: () => Promise<void>) {
    const requestedAt = now()
    const left = new AbortController()
    response.once('close', () => left.abort())
    const gone = AbortSignal.any([left.signal, stopped.signal])
    const method = request.method ?? 'GET'
    const url = new URL(request.url ?? '/', 'http://simulator')
    const prefixed = context.pathPrefix !== '' && url.pathname.startsWith(`${context.pathPrefix}/`)
    const path = prefixed ? url.pathname.slice(context.pathPrefix.length) : url.pathname
    const key = context.accounts.byKey(secretOf(request))
    const tag = headerOf(request, 'x-sim-tag')
    requests.push({ at: requestedAt, method, path, query: url.search, account: key?.account.name })
    if (requests.length > MAX_SEEN) requests.shift()

    const bytes = await readBody(request)
    let body: JsonObject = {}
    let refusal: Refusal | undefined
    try {
      body = parseBody(bytes, headerOf(request, 'content-type'))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      refusal = error
    }
    const route = matchRoute(method, path)
    const modelName =
      route?.parameters['model'] ?? (typeof body['model'] === 'string' ? body['model'] : undefined)
    const ordered = parseFaults(headerOf(request, 'x-sim-fault'))
    const behaviour = parseBehaviour(headerOf(request, 'x-sim-options'), context.behaviour)
    if (typeof ordered === 'string') refusal = new Refusal(400, `x-sim-fault: ${ordered}`)
    if (typeof behaviour === 'string') refusal = new Refusal(400, `x-sim-options: ${behaviour}`)
    const subject = { method, path, model: modelName, account: key?.account.name, tag }
    const faults: Faults = { ...rules.hit(subject), ...(typeof ordered === 'string' ? {} : ordered) }
    const random = randomFor(`${method} ${path.replace(/[^/]{16,}$/, '')} ${modelName ?? ''} ${tag ?? ''}`)
    const requestId = random.uuid()

    const latencyMs = (faults.latencyMs ?? 0) + (route === undefined ? 0 : context.latencyMs())
    if (latencyMs > 0) await wait(latencyMs, undefined, { signal: gone }).catch(() => {})
    if (faults.hang === true) await hang(gone, self())
    if (gone.aborted) return
    if (faults.drop === true) return sever(response, faults)
    if (faults.redirect !== undefined && !url.searchParams.has(REDIRECTED)) {
      url.searchParams.set(REDIRECTED, '1')
      response.writeHead(faults.redirect, { location: `${url.pathname}${url.search}` }).end()
      return
    }

    const sentId = headerOf(request, 'x-client-request-id')
    const clientRequestId = sentId !== undefined && CLIENT_REQUEST_ID.test(sentId) ? sentId : null
    const call = (row: RouteMatch, known: SimulatedKey): Call => ({
      family: row.row.family,
      method,
      path,
      query: url.searchParams,
      parameters: row.parameters,
      body,
      sizeBytes: bytes.length,
      key: known,
      behaviour: typeof behaviour === 'string' ? context.behaviour : behaviour,
      random,
      tag: tag ?? null,
      inferenceId: random.nanoid(),
      requestId,
      clientRequestId,
      requestedAt,
      billing,
      jobs: context.jobs,
      batches: context.batches,
    })
    const model = (family: Call['family']): Model | undefined =>
      modelName === undefined ? undefined : modelFor(modelName, family)

    let current: Call | undefined
    let answer: Answer
    try {
      const accountRow = route === undefined ? matchAccountRoute(method, path) : undefined
      if (route === undefined && accountRow === undefined) throw new Refusal(404, errorMessage(404, ''))
      if (faults.status !== undefined && (route === undefined || key === undefined)) {
        throw new Refusal(faults.status, errorMessage(faults.status, ''))
      }
      if (key === undefined && accountRow?.open !== true) throw new Refusal(401, errorMessage(401, ''))
      if (route !== undefined && key !== undefined) {
        current = call(route, key)
        if (refusal !== undefined) throw refusal
        if (faults.status !== undefined) {
          throw new Refusal(faults.status, errorMessage(faults.status, promptOf(body)))
        }
        answer = route.row.handle(current)
      } else if (accountRow !== undefined) {
        answer = accountRow.handle({
          method,
          path,
          query: url.searchParams,
          key: key as SimulatedKey,
          ledger: context.ledger,
          accounts: context.accounts,
          now,
          keyOfOthers: context.keyOfOthers,
        })
      } else throw new Refusal(404, errorMessage(404, ''))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (current !== undefined) billing.fail(current, model(current.family))
      answer = {
        ...json(errorBody(error.status, error.message, path, requestId, now())),
        status: error.status,
        ...(current === undefined ? { inferenceId: null } : {}),
      }
    }

    const inferenceId = 'inferenceId' in answer ? answer.inferenceId : current?.inferenceId
    const headers: Record<string, string> = {}
    if (inferenceId != null && !faults.noInferenceId) headers['x-inference-id'] = inferenceId
    if (current !== undefined && clientRequestId !== null) headers['x-client-request-id'] = clientRequestId
    const finish = (generated: number | 'all') => {
      if (answer.kind !== 'sse') return answer.kind === 'json' ? answer.charge : undefined
      return answer.finish(generated)
    }
    if (faults.lose === true || faults.stall === true) {
      finish('all')
      if (faults.stall === true) await hang(gone, self())
      return sever(response, faults)
    }
    const { paceMs, creditHeaders } = current?.behaviour ?? context.behaviour
    const done = await deliver(response, { answer, faults, random, paceMs, creditHeaders, headers, gone })
    const charge = finish(done.completed ? 'all' : done.generated)
    if (charge !== undefined && done.reported) context.ledger.amend(charge.sequence, { reported: true })
  }

  return {
    requests,
    handle(request, response) {
      // A client that resets the connection is nothing to report.
      request.on('error', () => {})
      response.on('error', () => {})
      const task: Promise<void> = work(request, response, () => task).catch((error: unknown) => {
        if (!response.destroyed && !request.destroyed) process.stderr.write(`simulator: ${String(error)}\n`)
        response.destroy()
      })
      working.add(task)
      void task.finally(() => working.delete(task))
    },
    async idle() {
      // Work that the awaited work left behind counts too.
      while (working.size > 0) await Promise.all(working)
    },
    stop: () => stopped.abort(),
  }
}
