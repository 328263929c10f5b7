/**
 * How the simulator answers when nothing is wrong: what it reports where, and how much a call uses.
 * Defaults come from `startSimulator`; one request changes them with `x-sim-options: name=value; name=value`.
 */

/** Where a job's credits are told. Its charge in the ledger is the same in all four. */
export type JobReport = 'create' | 'create-and-polls' | 'final-poll' | 'nowhere'

export interface Behaviour {
  /** `polls`: a job is done after so many polls. */
  readonly polls: number
  /** Or after so many milliseconds, whatever comes first; 0 switches that off. */
  readonly jobMs: number
  /** `outcome`: `error` makes the job fail. */
  readonly outcome: 'completed' | 'error'
  readonly report: JobReport
  /** Usage in chat streams: always, only with `stream_options.include_usage`, or never. */
  readonly usage: 'always' | 'when-asked' | 'never'
  /** Which chunk has it. `model`: as is usual for that model. */
  readonly usageChunk: 'model' | 'last' | 'before-last'
  /** `meta.usage` in bodies and streams: as is usual for the model, never, or always. */
  readonly meta: 'model' | 'no' | 'yes'
  /** Credit headers on non-streaming JSON. */
  readonly creditHeaders: boolean
  /** `data: [DONE]` at the end of chat streams. */
  readonly done: boolean
  /** Content chunks in a stream. */
  readonly chunks: number
  /** Milliseconds between two chunks of a stream or of binary audio. */
  readonly paceMs: number
  /** A stream that the client broke off is charged for what was generated so far, or in full. */
  readonly abortedStreams: 'generated' | 'full'
  /** Exact usage instead of the drawn one. */
  readonly input: number | undefined
  readonly output: number | undefined
  readonly cached: number | undefined
  readonly cacheWrite: number | undefined
  readonly reasoning: number | undefined
  readonly credits: number | undefined
  /** Tokens of input and output that are audio, or images. */
  readonly audio: number | undefined
  readonly image: number | undefined
}

export const DEFAULT_BEHAVIOUR: Behaviour = {
  polls: 2,
  jobMs: 0,
  outcome: 'completed',
  report: 'create',
  usage: 'always',
  usageChunk: 'model',
  meta: 'model',
  creditHeaders: true,
  done: true,
  chunks: 6,
  paceMs: 0,
  abortedStreams: 'generated',
  input: undefined,
  output: undefined,
  cached: undefined,
  cacheWrite: undefined,
  reasoning: undefined,
  credits: undefined,
  audio: undefined,
  image: undefined,
}

const NUMBERS = [
  'polls',
  'jobMs',
  'chunks',
  'paceMs',
  'input',
  'output',
  'cached',
  'cacheWrite',
  'reasoning',
  'credits',
  'audio',
  'image',
] as const

const WORDS: { readonly [name: string]: readonly string[] } = {
  outcome: ['completed', 'error'],
  report: ['create', 'create-and-polls', 'final-poll', 'nowhere'],
  usage: ['always', 'when-asked', 'never'],
  usageChunk: ['model', 'last', 'before-last'],
  meta: ['model', 'no', 'yes'],
  abortedStreams: ['generated', 'full'],
}

const SWITCHES = ['creditHeaders', 'done'] as const

/**
 * Reads `x-sim-options`.
 * @returns the behaviour, or a sentence that says what is wrong with the header.
 */
export function parseBehaviour(header: string | undefined, base: Behaviour): Behaviour | string {
  if (header === undefined) return base
  const changed: Record<string, unknown> = { ...base }
  for (const part of header.split(';')) {
    const [rawName = '', rawValue = ''] = part.split('=', 2)
    const name = rawName.trim()
    const value = rawValue.trim()
    if (name === '') continue
    if ((NUMBERS as readonly string[]).includes(name)) {
      const number = Number(value)
      if (value === '' || !Number.isFinite(number) || number < 0)
        return `${name}: a number that is not negative`
      changed[name] = number
    } else if (WORDS[name] !== undefined) {
      if (!WORDS[name].includes(value)) return `${name}: one of ${WORDS[name].join(', ')}`
      changed[name] = value
    } else if ((SWITCHES as readonly string[]).includes(name)) {
      if (value !== 'yes' && value !== 'no') return `${name}: yes or no`
      changed[name] = value === 'yes'
    } else {
      return `unknown option ${name}`
    }
  }
  return changed as unknown as Behaviour
}
