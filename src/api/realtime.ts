/**
 * The events of a realtime session that matter for usage. Two protocols: OpenAI's (also of xAI's voice models), and
 * Google's Gemini Live (docs.aimlapi.com, capabilities/realtime-sessions and api-references/realtime-models; the
 * messages themselves: developers.openai.com/api/reference/realtime-server-events, ai.google.dev/api/live).
 */
import type { Usage } from '../types.ts'
import { readId, readModel } from './fields.ts'

export type RealtimeProtocol = 'openai' | 'gemini'

/** What a handshake opens, by its path. */
export interface RealtimeRoute {
  readonly protocol: RealtimeProtocol
  /** Present when the URL names it. */
  readonly model: string | undefined
}

/** The end of each path, after any version or prefix. */
const PATHS: readonly (readonly [pattern: RegExp, protocol: RealtimeProtocol])[] = [
  [/\/realtime$/, 'openai'],
  [
    /\/ws\/google\.ai\.generativelanguage\.v\w+\.GenerativeService\.BidiGenerateContent(?:Constrained)?$/,
    'gemini',
  ],
]
/** Query parameters that name the model; Azure style has `deployment`. */
const MODEL_PARAMETERS = ['model', 'deployment'] as const

/** The route of a handshake. `path` includes the query. `undefined`: it is no realtime session. */
export function routeRealtime(path: string): RealtimeRoute | undefined {
  const [pathname = '', query = ''] = path.split('?', 2)
  // Google's SDK writes two slashes when a base URL is set.
  const collapsed = pathname.replaceAll(/\/{2,}/g, '/').replace(/\/$/, '')
  const known = PATHS.find(([pattern]) => pattern.test(collapsed))
  if (known === undefined) return undefined
  const parameters = new URLSearchParams(query)
  const model = MODEL_PARAMETERS.map((name) => readModel(parameters.get(name))).find(Boolean)
  return { protocol: known[1], model }
}

/** What a message reports, as far as usage depends on it. */
export type RealtimeEvent =
  /** The session was created or changed. */
  | { readonly kind: 'session'; readonly id: string | undefined; readonly model: string | undefined }
  /** The application has sent something that is charged. */
  | { readonly kind: 'input' }
  /** The user's turn has ended: the time to the first output starts, and a response will follow. */
  | { readonly kind: 'turn_ended' }
  /** Input of the user was received: a response will follow. */
  | { readonly kind: 'heard' }
  | { readonly kind: 'response_started'; readonly id?: string | undefined }
  /** A piece of text or audio of a response. */
  | { readonly kind: 'output'; readonly isAudio: boolean }
  /** Total usage of the current response so far; replaces earlier totals. */
  | { readonly kind: 'response_usage'; readonly usage: Usage }
  | ResponseDone
  /** Usage outside of responses, such as the transcription of the user's speech. `id`: of what was transcribed. */
  | { readonly kind: 'other_usage'; readonly id?: string | undefined; readonly usage: Usage }
  /** Total usage or cost of the session so far: only its growth is new. */
  | { readonly kind: 'session_usage'; readonly usage: Usage }
  | { readonly kind: 'error' }
  /** A message that may contain usage could not be read. */
  | { readonly kind: 'unreadable'; readonly problem: 'unparsable' | 'too_large' | 'undecodable' }

/** A response has ended. */
export interface ResponseDone {
  readonly kind: 'response_done'
  readonly id?: string | undefined
  /** `completed`, `cancelled`, `incomplete`, `failed`, `interrupted`. */
  readonly status: string | undefined
  /** The usage of this response. */
  readonly usage?: Usage | undefined
}

/** Reads the messages of one direction. Bytes are borrowed. */
export interface RealtimeReader {
  /** No later message is needed. */
  readonly isDone: boolean
  /** Whether the message that begins with these bytes is to be written. */
  wants(bytes: Buffer, from: number, to: number): boolean
  write(bytes: Buffer, from: number, to: number): void
  finish(): void
  /** A message could not be read. */
  lose(problem: 'too_large' | 'undecodable'): void
}

export type OnRealtimeEvent = (event: RealtimeEvent) => void

/** The `session` event with id and model; `undefined` when both are absent. */
export function readSession(id: unknown, model: unknown): RealtimeEvent | undefined {
  const session = { kind: 'session', id: readId(id), model: readModel(model) } as const
  return session.id === undefined && session.model === undefined ? undefined : session
}
