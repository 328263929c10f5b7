/**
 * What the messages of a realtime session say. Two protocols: OpenAI's (also spoken by xAI's voice models), and
 * Google's Gemini Live (docs.aimlapi.com, capabilities/realtime-sessions and api-references/realtime-models; the
 * messages themselves: developers.openai.com/api/reference/realtime-server-events, ai.google.dev/api/live).
 */
import type { Usage } from '../types.ts'
import { readId, readModel } from './text.ts'

export type RealtimeProtocol = 'openai' | 'gemini'

export interface RealtimeRoute {
  readonly protocol: RealtimeProtocol
  /** Where the URL names it. */
  readonly model?: string
}

/** The last part of each path, behind any version or prefix. */
const PATHS: readonly (readonly [pattern: RegExp, protocol: RealtimeProtocol])[] = [
  [/\/realtime$/, 'openai'],
  [
    /\/ws\/google\.ai\.generativelanguage\.v\w+\.GenerativeService\.BidiGenerateContent(?:Constrained)?$/,
    'gemini',
  ],
]
/** Azure's style has deployments. */
const MODEL_PARAMETERS = ['model', 'deployment'] as const

/** Tells what a handshake is for. `path` with its query. `undefined`: no realtime session. */
export function routeRealtime(path: string): RealtimeRoute | undefined {
  const [pathname = '', query = ''] = path.split('?', 2)
  // Google's SDK writes two slashes where a base URL is set.
  const collapsed = pathname.replaceAll(/\/{2,}/g, '/').replace(/\/$/, '')
  const known = PATHS.find(([pattern]) => pattern.test(collapsed))
  if (known === undefined) return undefined
  const parameters = new URLSearchParams(query)
  const model = MODEL_PARAMETERS.map((name) => readModel(parameters.get(name))).find(
    (name) => name !== undefined,
  )
  return { protocol: known[1], ...(model !== undefined && { model }) }
}

/** What a message says, as far as it is of interest. */
export type RealtimeEvent =
  /** The session is there, or was changed. */
  | { readonly kind: 'session'; readonly id?: string; readonly model?: string }
  /** The application has sent something that is charged for. */
  | { readonly kind: 'input' }
  /** The user has stopped speaking: what follows is waited for. */
  | { readonly kind: 'turn_ended' }
  /** The user was heard: there will be a response. */
  | { readonly kind: 'heard' }
  | { readonly kind: 'response_started'; readonly id?: string }
  /** The first words or sounds of a response, or further ones. */
  | { readonly kind: 'output'; readonly isAudio: boolean }
  /** What the response that is under way has used up to now: replaces what was said of it before. */
  | { readonly kind: 'response_usage'; readonly usage: Usage }
  | ResponseDone
  /** Used beside the responses, e.g. by the transcription of what the user says. */
  | { readonly kind: 'other_usage'; readonly usage: Usage }
  /** What the whole session has used or cost up to now: replaces what was said of it before. */
  | { readonly kind: 'session_usage'; readonly usage: Usage }
  | { readonly kind: 'error' }
  /** Something that should be read cannot be. */
  | { readonly kind: 'unreadable'; readonly problem: 'unparsable' | 'too_large' | 'undecodable' }

export interface ResponseDone {
  readonly kind: 'response_done'
  readonly id?: string
  /** `completed`, `cancelled`, `incomplete`, `failed`, `interrupted`. */
  readonly status?: string
  /** Of this response alone. */
  readonly usage?: Usage
}

/** Reads the messages of one direction. Bytes are borrowed. */
export interface RealtimeReader {
  /** Nothing more is wanted. */
  readonly isDone: boolean
  /** Whether the message that begins with these bytes is to be written. */
  wants(bytes: Buffer, from: number, to: number): boolean
  write(bytes: Buffer, from: number, to: number): void
  finish(): void
  /** A message could not be had. */
  lose(problem: 'too_large' | 'undecodable'): void
}

export type OnRealtimeEvent = (event: RealtimeEvent) => void

/** The session as an object of the server names it. */
export function readSession(id: unknown, model: unknown): RealtimeEvent | undefined {
  const session = { id: readId(id), model: readModel(model) }
  if (session.id === undefined && session.model === undefined) return undefined
  return {
    kind: 'session',
    ...(session.id !== undefined && { id: session.id }),
    ...(session.model !== undefined && { model: session.model }),
  }
}
