/** The frames of realtime sessions that are measured, and what one may cost. */
import framesPerCall from './programs/frames-per-call.json'

export interface RealtimeWorkload {
  readonly name: string
  readonly title: string
  /** Of the server in programs/realtime-server.mjs. */
  readonly origin: 'realtime' | 'realtimeSecure'
  readonly protocol: 'openai' | 'gemini'
  readonly frame: 'text' | 'audio' | 'gemini'
  /** Default `ws`. */
  readonly client?: 'ws' | 'global'
  /** Each arrives in a TLS record of its own, and so in a chunk of its own. */
  readonly areApart?: boolean
  /** Measured in each turn, after as many that warm it up. */
  readonly framesPerTurn: number
  /** Of all turns together: longer where neighbouring ones differ more. */
  readonly turnsMs: number
  /** The most CPU time that may be added to a frame. */
  readonly budgetNs?: number
  /** Of one call of the steady processes. Absent: not measured that way. */
  readonly framesPerCall?: number
}

const BUDGET_NS = 1000
/** A megabyte: much more, and garbage is collected in nearly every turn. */
const AUDIO_FRAMES_PER_TURN = 10

export const REALTIME_WORKLOADS: readonly RealtimeWorkload[] = [
  {
    name: 'realtime-text',
    title: 'text, 230 B, many at once',
    origin: 'realtime',
    protocol: 'openai',
    frame: 'text',
    framesPerTurn: 2000,
    turnsMs: 3000,
    budgetNs: BUDGET_NS,
    framesPerCall: framesPerCall['realtime-text'],
  },
  {
    name: 'realtime-text-tls',
    title: 'text, 230 B, each alone in a TLS record',
    origin: 'realtimeSecure',
    protocol: 'openai',
    frame: 'text',
    areApart: true,
    framesPerTurn: 200,
    turnsMs: 6000,
    budgetNs: BUDGET_NS,
  },
  {
    name: 'realtime-audio',
    title: 'sound, 100 kB',
    origin: 'realtime',
    protocol: 'openai',
    frame: 'audio',
    framesPerTurn: AUDIO_FRAMES_PER_TURN,
    turnsMs: 8000,
    budgetNs: BUDGET_NS,
    framesPerCall: framesPerCall['realtime-audio'],
  },
  {
    name: 'realtime-audio-tls',
    title: 'sound, 100 kB, over TLS',
    origin: 'realtimeSecure',
    protocol: 'openai',
    frame: 'audio',
    framesPerTurn: AUDIO_FRAMES_PER_TURN,
    turnsMs: 14_000,
    budgetNs: BUDGET_NS,
  },
  {
    name: 'realtime-text-global',
    title: 'text, 230 B, many at once, global WebSocket',
    origin: 'realtime',
    protocol: 'openai',
    client: 'global',
    frame: 'text',
    framesPerTurn: 1000,
    turnsMs: 3000,
    budgetNs: BUDGET_NS,
  },
  {
    name: 'realtime-audio-global',
    title: 'sound, 100 kB, global WebSocket',
    origin: 'realtime',
    protocol: 'openai',
    client: 'global',
    frame: 'audio',
    framesPerTurn: AUDIO_FRAMES_PER_TURN,
    turnsMs: 8000,
    budgetNs: BUDGET_NS,
  },
  {
    name: 'realtime-gemini',
    title: 'sound, 100 kB, Gemini Live',
    origin: 'realtime',
    protocol: 'gemini',
    frame: 'gemini',
    framesPerTurn: AUDIO_FRAMES_PER_TURN,
    turnsMs: 5000,
  },
]
