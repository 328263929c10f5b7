/** WebSocket handshakes: who asks for which model, and what is ordered to go wrong. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { parseBehaviour } from '../behaviour.ts'
import type { Call, JsonObject } from '../call.ts'
import { errorBody, errorMessage } from '../errors.ts'
import { parseFaults } from '../faults.ts'
import { readHead, type Head } from '../incoming.ts'
import { modelFor } from '../models.ts'
import { createRandom } from '../random.ts'
import { readTraceHeaders, type HandlerOptions, type SeenRequest } from '../server.ts'
import { GeminiConversation } from './gemini.ts'
import { OpenAiConversation } from './openai.ts'
import { Voice } from './voice.ts'

/** permessage-deflate, where a client offers it. */
export type RealtimeCompression = 'none' | 'context-takeover' | 'no-context-takeover'

const OPENAI_PATH = /^\/(?:v1\/)?realtime$/
const GEMINI_PATH =
  /^\/ws\/google\.ai\.generativelanguage\.v1(?:alpha|beta)\.GenerativeService\.BidiGenerateContent(?:Constrained)?$/
const CLOSED_BY_POLICY = 1008

export interface UpgradeHandler {
  handle(request: IncomingMessage, connection: Socket, head: Buffer): void
  /** Breaks every session off. */
  close(): void
}

export interface UpgradeOptions extends Pick<
  HandlerOptions,
  'seed' | 'pathPrefix' | 'behaviour' | 'rules' | 'world'
> {
  readonly compression: RealtimeCompression
  seen(request: SeenRequest): void
  /** Until it resolves, the ledger is not complete. */
  working(task: Promise<void>): void
}

export function createUpgradeHandler(options: UpgradeOptions): UpgradeHandler {
  const { world, rules } = options
  let sessions = 0
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (protocols) => [...protocols][0] ?? false,
    perMessageDeflate:
      options.compression === 'none'
        ? false
        : { threshold: 0, serverNoContextTakeover: options.compression === 'no-context-takeover' },
  })
  /** Each handshake's own `x-inference-id`. */
  const inferenceIds = new WeakMap<IncomingMessage, string>()
  server.on('headers', (headers, request) => {
    const id = inferenceIds.get(request)
    if (id !== undefined) headers.push(`x-inference-id: ${id}`)
  })

  function handle(request: IncomingMessage, connection: Socket, early: Buffer): void {
    connection.on('error', () => {})
    const head = readHead(request, world.accounts, options.pathPrefix, world.now())
    const path = head.path.replaceAll(/\/{2,}/g, '/')
    const { url, key, method, tag, clientRequestId } = head
    options.seen({
      at: head.requestedAt,
      method,
      path,
      query: url.search,
      account: key?.account.name,
      ...readTraceHeaders(request),
    })
    const protocol = OPENAI_PATH.test(path) ? 'openai' : GEMINI_PATH.test(path) ? 'gemini' : undefined
    if (protocol === undefined) return refuse(connection, 404, head)
    if (key === undefined) return refuse(connection, 401, head)
    const named = url.searchParams.get('model') ?? undefined
    const ordered = parseFaults(headerOf(request, 'x-sim-fault'))
    const behaviour = parseBehaviour(headerOf(request, 'x-sim-options'), options.behaviour)
    if (typeof ordered === 'string' || typeof behaviour === 'string') return refuse(connection, 400, head)
    const account = key.account.name
    const faults = { ...rules.hit({ method, path, model: named, account, tag, clientRequestId }), ...ordered }
    if (faults.hang === true) return
    if (faults.drop === true) return void connection.destroy()
    if (faults.status !== undefined) return refuse(connection, faults.status, head)
    if (key.account.balanceCredits <= 0) return refuse(connection, 403, head)

    const random = createRandom(`${options.seed}/realtime/${tag ?? ''}/${named ?? ''}/${sessions++}`)
    const call: Call = {
      family: 'realtime',
      method,
      path,
      query: url.searchParams,
      parameters: {},
      body: {},
      sizeBytes: 0,
      key,
      behaviour,
      random,
      tag: tag ?? null,
      inferenceId: random.nanoid(),
      requestId: random.uuid(),
      clientRequestId,
      requestedAt: head.requestedAt,
      billing: world.billing,
      jobs: world.jobs,
      batches: world.batches,
      replays: world.replays,
    }
    if (faults.noInferenceId !== true) inferenceIds.set(request, call.inferenceId)
    server.handleUpgrade(request, connection, early, (socket) => {
      socket.on('error', () => {})
      const talk = (name: string, opcode: 'text' | 'binary'): Voice =>
        new Voice(call, modelFor(name, 'realtime'), faults, { socket, connection, opcode })
      options.working(
        protocol === 'openai'
          ? converse(socket, 'at once', () => {
              const voice = talk(named ?? 'openai/gpt-realtime-2.1', 'text')
              return [voice, new OpenAiConversation(voice)]
            })
          : converse(socket, 'by the first message', (setup) => {
              const name = String((setup['setup'] as JsonObject | undefined)?.['model'] ?? '')
              const voice = talk(name.replace(/^models\//, ''), 'binary')
              return [voice, new GeminiConversation(voice)]
            }),
      )
    })
  }

  /** Resolves when the session is over and charged. */
  async function converse(
    socket: WebSocket,
    begins: 'at once' | 'by the first message',
    begin: Begin,
  ): Promise<void> {
    let begun: Begun | undefined = begins === 'at once' ? begin({}) : undefined
    socket.on('message', (data: Buffer) => {
      const message = parse(data)
      if (message === undefined) return socket.close(CLOSED_BY_POLICY)
      if (begun === undefined) begun = begin(message)
      else begun[1].hear(message)
    })
    await new Promise((resolve) => socket.once('close', resolve))
    if (begun === undefined) return
    const [voice, conversation] = begun
    await conversation.done()
    const charged = voice.charge()
    if (charged?.isReported === true) world.ledger.amend(charged.entry.sequence, { reported: true })
  }

  function refuse(connection: Socket, status: number, { path }: Head): void {
    const body = JSON.stringify(
      errorBody(status, errorMessage(status, 'canary prompt'), path, 'request', world.now()),
    )
    connection.end(
      `HTTP/1.1 ${status} Refused\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  }

  return {
    handle,
    close() {
      for (const socket of server.clients) socket.terminate()
      server.close()
    },
  }
}

interface Conversation {
  hear(message: JsonObject): void
  done(): Promise<void>
}
type Begun = readonly [Voice, Conversation]
type Begin = (first: JsonObject) => Begun

function parse(data: Buffer): JsonObject | undefined {
  try {
    const message: unknown = JSON.parse(data.toString())
    return typeof message === 'object' && message !== null ? (message as JsonObject) : undefined
  } catch {
    return undefined
  }
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}
