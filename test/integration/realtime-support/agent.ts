/** A voice agent, as an application writes one: opens a session, speaks, is answered, and leaves. */
import { WebSocket } from 'ws'

export type Protocol = 'openai' | 'gemini'
type Message = Record<string, any>

export interface Talk {
  /** `http://…` of the API. */
  readonly url: string
  readonly key: string
  readonly model: string
  readonly turns: number
  readonly headers?: Record<string, string>
  /** Where the key stands. Default `authorization`. */
  readonly keyIn?: (typeof KEY_PLACES)[number]
  /** Hangs up at so many messages, wherever the conversation is by then; politely, or as one whose line is cut. */
  readonly leave?: { readonly afterMessages: number; readonly politely: boolean }
  /** `ws` by default; anything with the web's interface that can send headers. */
  readonly create?: (url: string, options: SocketOptions) => AgentSocket
}

export const KEY_PLACES = ['authorization', 'x-goog-api-key', 'subprotocol'] as const

export interface SocketOptions {
  readonly headers: Record<string, string>
  readonly protocols: string[]
}

/** As much of a WebSocket as the agent uses. */
export interface AgentSocket {
  addEventListener(name: string, listener: (event: never) => void): void
  send(data: string): void
  close(code?: number): void
  terminate?(): void
}

export interface Talked {
  readonly closeCode: number
  readonly messages: Message[]
}

const GEMINI =
  '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?access_token=canary-token&key=canary-key'
/** A tenth of a second of sound. */
const SOUND = Buffer.alloc(4800, 'canary sound').toString('base64')

const protocolOf = (model: string): Protocol => (model.startsWith('google/') ? 'gemini' : 'openai')

const GREETINGS: Readonly<Record<Protocol, (model: string) => object[]>> = {
  openai: () => [
    {
      type: 'session.update',
      session: {
        instructions: 'canary instructions',
        audio: { input: { transcription: { model: 'gpt-4o-transcribe' } } },
      },
    },
  ],
  gemini: (model) => [
    { setup: { model: `models/${model}`, systemInstruction: { parts: [{ text: 'canary instructions' }] } } },
  ],
}

const TURNS: Readonly<Record<Protocol, readonly object[]>> = {
  openai: [
    { type: 'input_audio_buffer.append', audio: SOUND },
    { type: 'input_audio_buffer.commit' },
    { type: 'response.create' },
  ],
  gemini: [
    { realtimeInput: { audio: { data: SOUND, mimeType: 'audio/pcm' } } },
    { realtimeInput: { audioStreamEnd: true } },
  ],
}

function endsTurn(message: Message): boolean {
  return message['type'] === 'response.done' || message['serverContent']?.turnComplete === true
}

function hangUp(socket: AgentSocket, politely: boolean): void {
  if (!politely && socket.terminate !== undefined) socket.terminate()
  else socket.close(1000)
}

function textOf(data: unknown): string {
  if (typeof data === 'string') return data
  return Buffer.from(data as ArrayBuffer).toString()
}

function optionsOf({ key, keyIn = 'authorization', headers = {} }: Talk): SocketOptions {
  if (keyIn === 'subprotocol') return { headers, protocols: ['realtime', `openai-insecure-api-key.${key}`] }
  const value = keyIn === 'authorization' ? `Bearer ${key}` : key
  return { headers: { [keyIn]: value, ...headers }, protocols: [] }
}

function createByWs(url: string, { headers, protocols }: SocketOptions): AgentSocket {
  return new WebSocket(url, protocols, { headers }) as unknown as AgentSocket
}

/** Resolves when the session is closed, by whomever. */
export function talk(how: Talk): Promise<Talked> {
  const { url, model, turns, leave, create = createByWs } = how
  const protocol = protocolOf(model)
  const path =
    protocol === 'gemini'
      ? GEMINI
      : `/v1/realtime?model=${encodeURIComponent(model)}&client_secret=canary-secret`
  const socket = create(url.replace(/^http/, 'ws') + path, optionsOf(how))
  Reflect.set(socket, 'binaryType', 'arraybuffer')
  const messages: Message[] = []
  let turnsLeft = turns
  const send = (all: readonly object[]): void =>
    all.forEach((message) => socket.send(JSON.stringify(message)))
  const next = (): void => {
    if (turnsLeft-- > 0) send(TURNS[protocol])
    else socket.close(1000)
  }
  return new Promise((resolve) => {
    socket.addEventListener('open', () => {
      send(GREETINGS[protocol](model))
      next()
    })
    socket.addEventListener('message', ({ data }: { data: unknown }) => {
      const message = JSON.parse(textOf(data)) as Message
      messages.push(message)
      if (leave !== undefined && messages.length >= leave.afterMessages) hangUp(socket, leave.politely)
      else if (endsTurn(message)) next()
    })
    socket.addEventListener('error', () => {})
    socket.addEventListener('close', ({ code }: { code: number }) => resolve({ closeCode: code, messages }))
  })
}
