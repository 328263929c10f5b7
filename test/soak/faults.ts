/** What goes wrong in a soak, and what an application does about it. Orders for the simulator, drawn from a seed. */
import type { Random } from '../simulator/random.ts'

/** Where an application gives up on its own. */
export type Abort =
  /** So long after it asked, wherever its request is by then; a signal of its own, or one that times out. */
  | { readonly afterMs: number; readonly timeout: boolean }
  /** Without an answer, but not before the API has charged for one. */
  | 'when-charged'
  /** When it has the head of the answer. */
  | 'at-head'
  /** When it has so many bytes of the body. */
  | { readonly afterBytes: number }
  /** When it has everything. */
  | 'at-end'
  /** Sessions: at so many messages; with a close frame, or as one whose line is cut. */
  | { readonly afterMessages: number; readonly politely: boolean }

export interface Trouble {
  /** `x-sim-fault`: of the call, and of the first poll that follows. */
  readonly fault?: string
  /** What its first attempts meet; the client tries again after each. */
  readonly firstFaults?: readonly string[]
  readonly abort?: Abort
  /** The application can still read the answer: it learns of a job, and can poll for it. */
  readonly readable?: true
  /** The API never saw it, or not before the client left: no log has it, so it is pending until it is given up. */
  readonly unseen?: true
}

type Draw = (random: Random) => Trouble

const fraction = (random: Random): string => random.next().toFixed(3)
const spoilt =
  (fault: string): Draw =>
  () => ({ fault })
const readable =
  (fault: string): Draw =>
  () => ({ fault, readable: true })
const retried =
  (firstFaults: string[], unseen?: true): Draw =>
  () => ({
    firstFaults,
    readable: true,
    ...(unseen && { unseen }),
  })
const givenUp =
  (fault: string): Draw =>
  (random) => ({ fault, abort: { afterMs: 40, timeout: random.next() < 0.5 }, unseen: true })

/** After none of these does an answer lie about its cost: it tells it, or it does not. */
const TROUBLES: readonly Draw[] = [
  readable('noCreditHeaders'),
  readable('noMeta'),
  readable('noCreditHeaders; noMeta'),
  readable('creditHeader=soon; usdHeader=-1'),
  readable('creditHeader=1e999; noMeta; usdHeader=NaN'),
  readable('noCreditHeaders; metaCredits="12 credits"'),
  readable('noCreditHeaders; metaCredits=-5'),
  readable('noCreditHeaders; metaCredits=1e308'),
  readable('noCreditHeaders; metaRaw=[]'),
  readable('usageNull'),
  readable('tokens=-5'),
  readable('duplicateKeys; noCreditHeaders'),
  readable('deep=2000; noCreditHeaders'),
  readable('padBytes=300000; noCreditHeaders'),
  spoilt('garbage; noCreditHeaders'),
  spoilt('html; noCreditHeaders'),
  spoilt('html'),
  readable('invalidUtf8; noCreditHeaders'),
  (random) => ({ fault: `truncate=${fraction(random)}; noCreditHeaders` }),
  (random) => ({ fault: `breakAt=${fraction(random)}; noCreditHeaders` }),
  (random) => ({ fault: `breakAt=${fraction(random)}; reset` }),
  spoilt('contentLength=50'),
  readable('contentType=text/plain; noCreditHeaders'),
  readable('encoding=gzip; noCreditHeaders'),
  readable('encoding=br; noCreditHeaders'),
  readable('encoding=deflate; noCreditHeaders'),
  spoilt('encoding=made-up; noCreditHeaders'),
  (random) => ({ fault: `encoding=gzip; noCreditHeaders; truncate=${fraction(random)}` }),
  readable('chunkBytes=7; noCreditHeaders'),
  readable('sse=crlf; chunkBytes=3'),
  readable('sse=multi-line'),
  readable('bodyDelayMs=20'),
  () => ({ fault: 'drop', unseen: true }),
  spoilt('lose'),
  spoilt('lose; reset'),
  spoilt('status=429'),
  spoilt('status=500'),
  spoilt('status=400'),
  readable('redirect=307'),
  spoilt('redirect=302'),
  retried(['status=503']),
  retried(['status=429', 'status=500']),
  retried(['lose']),
  retried(['lose; reset', 'status=502']),
  retried(['lose', 'lose; reset']),
  retried(['drop'], true),
  // What was read of the broken one may have told its cost, and if it is a job, nobody polls for it.
  (random) => ({ firstFaults: [`breakAt=${fraction(random)}; noCreditHeaders`] }),
  givenUp('hang'),
  givenUp('latencyMs=2000'),
  () => ({ fault: 'stall', abort: 'when-charged' }),
  () => ({ fault: 'bodyDelayMs=2000', abort: 'at-head' }),
  () => ({ abort: 'at-head' }),
  () => ({ abort: 'at-end' }),
  (random) => ({ abort: { afterBytes: Math.floor(random.next() * 2000) } }),
]

const SHARE = 0.4

/** What happens to one call. `allSeen`: nothing of which no log will ever tell. */
export function drawTrouble(random: Random, allSeen: boolean): Trouble {
  if (random.next() >= SHARE) return { readable: true }
  const trouble = random.pick(TROUBLES)(random)
  return allSeen && trouble.unseen === true ? { readable: true } : trouble
}

/** What happens to sessions. `breakAt` is in responses: the line breaks in the middle of a frame of that one. */
const SESSION_TROUBLES: readonly Draw[] = [
  (random) => ({ fault: `breakAt=${(random.next() * MAX_TURNS).toFixed(3)}` }),
  (random) => ({ fault: `breakAt=${(random.next() * MAX_TURNS).toFixed(3)}; reset` }),
  (random) => ({
    abort: { afterMessages: 1 + Math.floor(random.next() * 40), politely: random.next() < 0.5 },
  }),
  spoilt('usageNull'),
  spoilt('noMeta'),
  spoilt('noInferenceId'),
  spoilt('drop'),
  spoilt('status=429'),
  spoilt('status=500'),
]
export const MAX_TURNS = 4

export function drawSessionTrouble(random: Random): Trouble {
  return random.next() < SHARE ? random.pick(SESSION_TROUBLES)(random) : {}
}
