/** One HTTP request from its first byte to its last, and everything that may interrupt it. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Behaviour } from './behaviour.ts'
import { deliver, sever } from './deliver.ts'
import type { FaultRules } from './faults.ts'
import { readHead, readIncoming, type Incoming } from './incoming.ts'
import type { LedgerEntry } from './ledger.ts'
import { createRandom, type Random } from './random.ts'
import { respond, type Responded, type World } from './respond.ts'

export interface SeenRequest {
  readonly at: number
  readonly method: string
  /** Without query. */
  readonly path: string
  readonly query: string
  readonly account: string | undefined
  /** Names of the headers, sorted; of the values only the W3C trace's. */
  readonly headerNames: readonly string[]
  readonly traceparent: string | undefined
}

/** What instrumentation adds to a request shows here. */
export function readTraceHeaders({
  headers,
}: IncomingMessage): Pick<SeenRequest, 'headerNames' | 'traceparent'> {
  const { traceparent } = headers
  return {
    headerNames: Object.keys(headers).toSorted(),
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
  }
}

export interface HandlerOptions {
  readonly seed: string
  readonly pathPrefix: string
  readonly latencyMs: () => number
  readonly behaviour: Behaviour
  readonly rules: FaultRules
  readonly world: World
}

export interface RequestHandler {
  /** Notes a request that is not of HTTP's own. */
  seen(request: SeenRequest): void
  /** Until it resolves, `idle()` waits. */
  working(task: Promise<void>): void
  handle(request: IncomingMessage, response: ServerResponse): void
  readonly requests: readonly SeenRequest[]
  idle(): Promise<void>
}

const MAX_SEEN = 10_000
/** Marks the target of a simulated redirect, which then answers normally. */
const REDIRECTED = 'sim-redirected'

export function createRequestHandler(options: HandlerOptions): RequestHandler {
  const { rules, world } = options
  const requests: SeenRequest[] = []
  const working = new Set<Promise<void>>()
  const draw = createDraw(options.seed)

  function seen(entry: SeenRequest): void {
    requests.push(entry)
    if (requests.length > MAX_SEEN) requests.shift()
  }

  /** Waits until the connection closes. Nobody waits for that in `idle()`. */
  async function hang(gone: AbortSignal, task: Promise<void>): Promise<void> {
    working.delete(task)
    await new Promise<void>((resolve) => {
      if (gone.aborted) resolve()
      else gone.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  async function work(
    request: IncomingMessage,
    response: ServerResponse,
    task: () => Promise<void>,
  ): Promise<void> {
    // The client has left, or the simulator closes and takes every connection with it.
    const left = new AbortController()
    response.once('close', () => left.abort())
    const gone = left.signal
    const head = readHead(request, world.accounts, options.pathPrefix, world.now())
    const { method, path, url, key } = head
    seen({
      at: head.requestedAt,
      method,
      path,
      query: url.search,
      account: key?.account.name,
      ...readTraceHeaders(request),
    })
    const incoming = await readIncoming(request, head, options.behaviour, rules)
    const { faults } = incoming

    const latencyMs = (faults.latencyMs ?? 0) + (incoming.route === undefined ? 0 : options.latencyMs())
    if (latencyMs > 0) await wait(latencyMs, undefined, { signal: gone }).catch(() => {})
    if (faults.hang === true) await hang(gone, task())
    if (gone.aborted) return
    if (faults.drop === true) return sever(response, faults)
    if (faults.redirect !== undefined && !url.searchParams.has(REDIRECTED)) {
      url.searchParams.set(REDIRECTED, '1')
      response.writeHead(faults.redirect, { location: `${url.pathname}${url.search}` }).end()
      return
    }

    const random = draw(incoming)
    const responded = respond(incoming, random, world)
    if (faults.lose === true || faults.stall === true) {
      finish(responded, 'all')
      if (faults.stall === true) await hang(gone, task())
      return sever(response, faults)
    }
    const { paceMs, creditHeaders } = incoming.behaviour
    const { answer } = responded
    const etag = answer.kind === 'json' ? answer.etag : undefined
    const headers = {
      // Also where the clock is not the machine's.
      date: new Date(world.now()).toUTCString(),
      ...(etag === undefined ? {} : { etag }),
      ...identityHeaders(responded, faults.noInferenceId === true),
    }
    if (etag !== undefined && request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end()
      return
    }
    const done = await deliver(response, { answer, faults, random, paceMs, creditHeaders, headers, gone })
    const charge = finish(responded, done.completed ? 'all' : done.generated)
    if (charge !== undefined && done.reported) world.ledger.amend(charge.sequence, { reported: true })
  }

  return {
    requests,
    seen,
    working(task) {
      working.add(task)
      void task.finally(() => working.delete(task))
    },
    handle(request, response) {
      // A client that resets the connection is nothing to report.
      request.on('error', () => {})
      response.on('error', () => {})
      const task: Promise<void> = work(request, response, () => task).catch((error: unknown) => {
        // Incomplete: the client left while it sent. Anything else is a fault that nobody ordered.
        if (request.complete) process.stderr.write(`simulator: ${(error as Error).stack ?? String(error)}\n`)
        response.destroy()
      })
      working.add(task)
      void task.finally(() => working.delete(task))
    },
    async idle() {
      // Quiet twice in a row: what a client has just sent or broken off may take a moment to arrive.
      for (let quiet = 0; quiet < 2; quiet = working.size === 0 ? quiet + 1 : 0) await wait(5)
    },
  }
}

/** Randomness of one request: the n-th of its kind draws the same with the same seed, whatever else happens. */
function createDraw(seed: string): (incoming: Incoming) => Random {
  const occurrences = new Uint32Array(65_536)
  return ({ method, path, modelName, tag }) => {
    // Ids in paths of polls would make every request a kind of its own.
    const kind = `${method} ${path.replace(/[^/]{16,}$/, '')} ${modelName ?? ''} ${tag ?? ''}`
    const slot = createHash('sha1').update(kind).digest().readUInt16LE(0)
    const count = (occurrences[slot] ?? 0) + 1
    occurrences[slot] = count
    return createRandom(`${seed}/${kind}/${count}`)
  }
}

/** Books a stream; everything else was booked when it was answered. */
function finish({ answer }: Responded, generated: number | 'all'): LedgerEntry | undefined {
  switch (answer.kind) {
    case 'sse':
      return answer.finish(generated)
    case 'json':
      return answer.charge
    default:
      return undefined
  }
}

function identityHeaders({ answer, call }: Responded, withoutId: boolean): Record<string, string> {
  const inferenceId = 'inferenceId' in answer ? answer.inferenceId : call?.inferenceId
  return {
    ...(inferenceId != null && !withoutId ? { 'x-inference-id': inferenceId } : {}),
    ...(call?.clientRequestId == null ? {} : { 'x-client-request-id': call.clientRequestId }),
  }
}
