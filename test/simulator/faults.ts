/**
 * Everything that can go wrong, by name. Ordered for one request by `x-sim-fault: name=value; name`, or for
 * many by `simulator.misbehave({ … })`. What happens after processing is charged; what happens before is not.
 */
import type { Random } from './random.ts'

export interface Faults {
  /** Before processing: wait so long. A client that leaves meanwhile is not charged. */
  readonly latencyMs?: number
  /** Before processing: never answer, until the client leaves or the simulator closes. */
  readonly hang?: boolean
  /** Before processing: close the connection. */
  readonly drop?: boolean
  /** Instead of processing: this status with its documented body. 400 echoes the prompt. */
  readonly status?: number
  /** Instead of processing: this redirect to the same path, which then answers normally. */
  readonly redirect?: number

  /** Processed and charged, then the connection closes before the head. */
  readonly lose?: boolean
  /** Processed and charged, then never answered. */
  readonly stall?: boolean
  /** Processed and charged; the head goes out, the body so much later. */
  readonly bodyDelayMs?: number

  readonly noInferenceId?: boolean
  readonly noCreditHeaders?: boolean
  /** `meta` is left out of the body: only the headers tell, or nothing. */
  readonly noMeta?: boolean
  /** Literal text of `x-aimlapi-credits-used`. */
  readonly creditHeader?: string
  /** Literal text of `x-aimlapi-usd-spent`. */
  readonly usdHeader?: string
  readonly contentType?: string
  /** Added to the true `content-length`: the body is shorter or longer than promised. */
  readonly contentLength?: number

  /** `usage: null`, wherever it stands. */
  readonly usageNull?: boolean
  /** Raw JSON in place of every token count: `"12"`, `-5`, `1e308`, `NaN`, `null`, `{}`. */
  readonly tokens?: string
  /** Raw JSON in place of the credits in `meta.usage`. */
  readonly metaCredits?: string
  /** Raw JSON in place of `meta`: `[]`, `null`, `"x"`. */
  readonly metaRaw?: string
  /** `usage` and `meta` stand twice where they stand at all; the first ones lie. `JSON.parse` takes the last. */
  readonly duplicateKeys?: boolean
  /** An array nested so deep stands before the usage. */
  readonly deep?: number
  /** So many bytes of padding stand before the usage. In a stream, one line of that size. */
  readonly padBytes?: number
  readonly garbage?: boolean
  /** A page of HTML with status 200. */
  readonly html?: boolean
  /** Bytes that are no UTF-8 inside a string. */
  readonly invalidUtf8?: boolean
  /** The body ends in good order after this part of it, 0 to 1. */
  readonly truncate?: number
  /** The connection closes after this part of the body, 0 to 1. */
  readonly breakAt?: number
  /** `drop`, `lose` and `breakAt` reset the connection instead of ending it. */
  readonly reset?: boolean
  /** `gzip`, `deflate`, `deflate-raw`, `br`, `zstd`; any other name is claimed, but not done. */
  readonly encoding?: string
  /** A gzip body of so many decoded megabytes, mostly padding, around the true answer. */
  readonly bombMb?: number
  /** A body that goes on until this cap in megabytes, then the connection closes. */
  readonly endlessMb?: number
  readonly sse?: 'crlf' | 'cr' | 'comments' | 'multi-line' | 'no-space'
  /** The body is written in pieces of so many bytes. */
  readonly chunkBytes?: number
  /** Between two pieces of the body. */
  readonly paceMs?: number
}

type Kind = 'number' | 'switch' | 'text'

const KINDS: { readonly [name in keyof Required<Faults>]: Kind } = {
  latencyMs: 'number',
  hang: 'switch',
  drop: 'switch',
  status: 'number',
  redirect: 'number',
  lose: 'switch',
  stall: 'switch',
  bodyDelayMs: 'number',
  noInferenceId: 'switch',
  noCreditHeaders: 'switch',
  noMeta: 'switch',
  creditHeader: 'text',
  usdHeader: 'text',
  contentType: 'text',
  contentLength: 'number',
  usageNull: 'switch',
  tokens: 'text',
  metaCredits: 'text',
  metaRaw: 'text',
  duplicateKeys: 'switch',
  deep: 'number',
  padBytes: 'number',
  garbage: 'switch',
  html: 'switch',
  invalidUtf8: 'switch',
  truncate: 'number',
  breakAt: 'number',
  reset: 'switch',
  encoding: 'text',
  bombMb: 'number',
  endlessMb: 'number',
  sse: 'text',
  chunkBytes: 'number',
  paceMs: 'number',
}

/** Defaults of faults that are named without a value. */
const DEFAULTS: Partial<Record<keyof Faults, number | string>> = {
  redirect: 307,
  status: 500,
  deep: 20_000,
  truncate: 0.5,
  breakAt: 0.5,
  bombMb: 200,
  endlessMb: 64,
  padBytes: 50 * 1024 * 1024,
}

/**
 * Reads `x-sim-fault`, or the text form of a rule.
 * @returns the faults, or a sentence that says what is wrong.
 */
export function parseFaults(text: string | undefined): Faults | string {
  const faults: Record<string, unknown> = {}
  for (const part of (text ?? '').split(';')) {
    const at = part.indexOf('=')
    const name = (at < 0 ? part : part.slice(0, at)).trim()
    if (name === '') continue
    const kind = KINDS[name as keyof Faults]
    if (kind === undefined) return `unknown fault ${name}; known are ${Object.keys(KINDS).join(', ')}`
    const value = at < 0 ? String(DEFAULTS[name as keyof Faults] ?? '') : part.slice(at + 1).trim()
    if (kind === 'switch') faults[name] = value !== 'no'
    else if (kind === 'text') faults[name] = value
    else if (value === '' || !Number.isFinite(Number(value))) return `fault ${name} needs a number`
    else faults[name] = Number(value)
  }
  return faults as Faults
}

/** What a rule is matched against. */
export interface FaultSubject {
  readonly method: string
  /** Without query. */
  readonly path: string
  readonly model: string | undefined
  readonly account: string | undefined
  readonly tag: string | undefined
  readonly clientRequestId: string | null
}

export interface FaultRule {
  readonly method?: string
  /** A text matches as a part of the path. */
  readonly path?: string | RegExp
  readonly model?: string | RegExp
  readonly account?: string
  readonly tag?: string
  /** Attempts of one call share it: with `count`, only the first of them go wrong. */
  readonly clientRequestId?: string
  /** `'status=503; latencyMs=20'`, or the same as an object. Of a list each hit takes the next, then it is over. */
  readonly fault: string | Faults | readonly string[]
  /** How many requests it hits. Default: all, or as many as the list is long. */
  readonly count?: number
  /** Of hitting a matching request, 0 to 1, drawn from the simulator's seed. Default 1. */
  readonly probability?: number
}

export interface FaultHandle {
  /** Requests hit so far. */
  readonly hits: number
  /** From now on it hits none. */
  stop(): void
}

export interface FaultRules {
  /** @throws Error when the fault's text names something unknown. */
  add(rule: FaultRule): FaultHandle
  /** Faults of all rules that hit this request; a later rule wins over an earlier one. Counts the hits. */
  hit(subject: FaultSubject): Faults
  clear(): void
}

function fits(wanted: string | RegExp | undefined, value: string | undefined, whole: boolean): boolean {
  if (wanted === undefined) return true
  if (value === undefined) return false
  if (wanted instanceof RegExp) return wanted.test(value)
  return whole ? value === wanted : value.includes(wanted)
}

/** @throws Error when a text names something unknown. */
function readRule({ fault, count }: FaultRule): { faults: readonly Faults[]; count: number } {
  const isList = Array.isArray(fault)
  const faults = (isList ? (fault as readonly string[]) : [fault as string | Faults]).map((each) => {
    const parsed = typeof each === 'string' ? parseFaults(each) : each
    if (typeof parsed === 'string') throw new Error(parsed)
    return parsed
  })
  return { faults, count: count ?? (isList ? faults.length : Number.POSITIVE_INFINITY) }
}

export function createFaultRules(random: Random): FaultRules {
  const rules = new Set<{ rule: FaultRule; faults: readonly Faults[]; count: number; hits: number }>()
  return {
    add(rule) {
      const active = { rule, ...readRule(rule), hits: 0 }
      rules.add(active)
      return {
        get hits() {
          return active.hits
        },
        stop: () => void rules.delete(active),
      }
    },
    hit(subject) {
      let hit: Faults = {}
      for (const active of rules) {
        const { rule } = active
        if (rule.method !== undefined && rule.method !== subject.method) continue
        if (!fits(rule.path, subject.path, false) || !fits(rule.model, subject.model, true)) continue
        if (!fits(rule.account, subject.account, true) || !fits(rule.tag, subject.tag, true)) continue
        if (rule.clientRequestId !== undefined && rule.clientRequestId !== subject.clientRequestId) continue
        if (rule.probability !== undefined && random.next() >= rule.probability) continue
        hit = { ...hit, ...active.faults[active.hits % active.faults.length] }
        active.hits += 1
        if (active.hits >= active.count) rules.delete(active)
      }
      return hit
    },
    clear: () => rules.clear(),
  }
}
