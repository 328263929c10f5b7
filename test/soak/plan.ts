/** What a soak does: a list of steps drawn from a seed, so that a failure can be played again. */
import { createRandom, type Random } from '../simulator/random.ts'
import { drawSessionTrouble, drawTrouble, type Trouble } from './faults.ts'
import { KINDS, type Kind } from './kinds.ts'

/** `…-retry`, `…-redirect`: undici with that interceptor. */
export type Client = 'fetch' | 'undici' | 'undici-retry' | 'undici-redirect' | 'node-http'

export interface Step extends Trouble {
  readonly client: Client
  readonly kind: Kind
  readonly body: Readonly<Record<string, unknown>>
  readonly team: string
  /** Index into the accounts of the soak. */
  readonly account: number
  /** Where the key stands. */
  readonly keyHeader: (typeof KEY_HEADERS)[number]
  /** `x-sim-options`. */
  readonly options: string
  /** Jobs: polled so often, by so many at once each time. */
  readonly polls: number
  readonly pollers: number
  /** Of what can be read again: so often, and sent so often again under the same idempotency key. */
  readonly reads: number
  readonly replays: number
  /** Batches: cancelled before the first poll. */
  readonly cancelled: boolean
}

const TEAMS = ['search', 'support', 'ops'] as const
const KEY_HEADERS = ['authorization', 'x-api-key', 'api-key'] as const
const CLIENTS: readonly Client[] = ['fetch', 'fetch', 'undici', 'undici-redirect', 'node-http', 'node-http']

export interface PlanOptions {
  /** Only what the log of an account of ours will tell of sooner or later. */
  readonly settleable: boolean
}

/** The steps of one seed. The same seed always gives the same steps. */
export function planSoak(seed: string, steps: number, { settleable }: PlanOptions): Step[] {
  const random = createRandom(`soak/${seed}`)
  const weighted = KINDS.flatMap((kind) => Array.from({ length: kind.weight }, () => kind))
  return Array.from({ length: steps }, () => drawStep(random, random.pick(weighted), settleable))
}

function drawStep(random: Random, kind: Kind, settleable: boolean): Step {
  const isStream = kind.streams === true && random.next() < 0.5
  const body = random.pick(kind.bodies)
  const trouble: Trouble =
    kind.session === true ? drawSessionTrouble(random) : drawTrouble(random, settleable)
  // Of an object that was cut off after its first copy of a key, the lie is all there is to read.
  const abort = trouble.fault?.includes('duplicateKeys') === true ? {} : drawBreakOff(random, isStream)
  const account = random.next() < 0.6 ? 0 : random.next() < 0.7 || settleable ? 1 : 2
  return {
    ...abort,
    ...trouble,
    client: drawClient(random, trouble),
    kind,
    body: isStream ? { ...body, stream: true } : body,
    team: random.pick(TEAMS),
    account,
    keyHeader: random.pick(KEY_HEADERS),
    options: drawOptions(random, kind, trouble),
    polls: 5,
    pollers: random.next() < 0.3 ? 3 : 1,
    reads: kind.readPath !== undefined && random.next() < 0.4 ? 2 : 0,
    // Whoever repeats a call that went wrong cannot tell by the log which of the two was charged.
    replays: isSound(trouble) && abort.abort === undefined && random.next() < 0.2 ? 2 : 0,
    cancelled: kind.cancelPath !== undefined && random.next() < 0.2,
  }
}

function isSound({ fault, firstFaults, abort }: Trouble): boolean {
  return fault === undefined && firstFaults === undefined && abort === undefined
}

/** A reader of streams that has seen enough. */
function drawBreakOff(random: Random, isStream: boolean): Trouble {
  return isStream && random.next() < 0.2 ? { abort: { afterBytes: Math.floor(random.next() * 2000) } } : {}
}

function drawClient(random: Random, { firstFaults }: Trouble): Client {
  return firstFaults !== undefined && random.next() < 0.5 ? 'undici-retry' : random.pick(CLIENTS)
}

function drawOptions(random: Random, { reports }: Kind, trouble: Trouble): string {
  // Nobody can tell that a job failed when its answer could not be read, and it was never polled.
  const fails = trouble.readable === true && trouble.abort === undefined && random.next() < 0.3
  return [
    `chunks=${1 + Math.floor(random.next() * 20)}`,
    `polls=${1 + Math.floor(random.next() * 3)}`,
    `abortedStreams=${random.pick(['generated', 'full'])}`,
    `usage=${random.pick(['always', 'when-asked'])}`,
    ...(reports === true
      ? [
          `report=${random.pick(['create', 'create-and-polls', 'final-poll', 'nowhere'])}`,
          `outcome=${fails ? 'error' : 'completed'}`,
        ]
      : []),
  ].join('; ')
}
