/**
 * The documented responses that lie beside the project, in ../shared/corpus: read in place, never copied. `index.json`
 * holds what each body prints; what that means is said here by the counting rules of the README.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CREDITS_PER_USD } from '../../src/api/credits.ts'
import type { Usage } from '../../src/types.ts'

/** As printed; null where the body does not say it. */
export interface Figures {
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly cachedTokens: number | null
  readonly reasoningTokens: number | null
  readonly credits: number | null
  readonly usd: number | null
}

export interface DocumentedResponse {
  readonly file: string
  /** Absent for the transcripts of streams, which are all of chats. */
  readonly family?: string
  /** Path, with `{placeholders}`. */
  readonly endpoint: string
  readonly method: string
  readonly model: string
  readonly responseModel?: string | null
  /** `sync`, `create`, `poll`, `stream` (a transcript) or `stream-frame` (one event of one). */
  readonly phase: string
  /** Of a job, as the body says it. */
  readonly status?: string | null
  readonly expected: Figures
  /** As the request was sent; else it named the model alone. */
  readonly request?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly httpStatus?: number
  /** The model that the API itself says has answered. */
  readonly answeringModel?: string
  /** What is meant where the headers count as well. */
  readonly expectedWithHeaders?: Partial<Figures>
  /** Results of a batch. */
  readonly expectedItems?: ReadonlyArray<Figures & { readonly custom_id: string; readonly model: string }>
}

const FOLDER = resolve(import.meta.dirname, '../../../shared/corpus')
/** The documentation of 2026-08, and what has come since. */
const PARTS = ['', 'delta-2026-11/']
/** Documented bodies of endpoints that are no calls: balance, model list. */
const NOT_CALLS = new Set(['service', 'service-models'])

export const corpusIsThere = PARTS.every((part) => existsSync(resolve(FOLDER, part, 'index.json')))
if (!corpusIsThere) console.warn('../shared/corpus is not there: documented responses are not read')

const all: readonly DocumentedResponse[] = corpusIsThere ? PARTS.flatMap(readIndex) : []

function readIndex(part: string): DocumentedResponse[] {
  const entries = JSON.parse(
    readFileSync(resolve(FOLDER, part, 'index.json'), 'utf8'),
  ) as DocumentedResponse[]
  return entries.map((one) => ({ ...one, file: part + one.file }))
}

const isCall = ({ family = '' }: DocumentedResponse): boolean => !NOT_CALLS.has(family)

export const documentedCalls = all.filter(isCall)
export const documentedOthers = all.filter((one) => !isCall(one))

/** The form in which the API would send the file: frames and transcripts as events, batch results as lines. */
export function asServed(one: DocumentedResponse): { readonly contentType: string; readonly body: Buffer } {
  const bytes = readFileSync(resolve(FOLDER, one.file))
  if (one.phase === 'stream') return { contentType: 'text/event-stream', body: bytes }
  if (one.phase === 'stream-frame') {
    const data = JSON.stringify(JSON.parse(bytes.toString()))
    return { contentType: 'text/event-stream', body: Buffer.from(`data: ${data}\n\n`) }
  }
  if (one.family === 'batch' && one.phase === 'poll') {
    const lines = (JSON.parse(bytes.toString()) as unknown[]).map((line) => `${JSON.stringify(line)}\n`)
    return { contentType: 'application/x-ndjson', body: Buffer.from(lines.join('')) }
  }
  return { contentType: 'application/json', body: bytes }
}

/** `usage.total_tokens`, which the index leaves out. */
export function printedTotal(one: DocumentedResponse): number | undefined {
  if (!one.file.endsWith('.json')) return undefined
  const body = JSON.parse(readFileSync(resolve(FOLDER, one.file), 'utf8')) as {
    usage?: { total_tokens?: number }
  }
  return body.usage?.total_tokens
}

/** What the counting rules make of printed figures. Of the details, only those that the index has. */
export function meantBy(printed: Figures, total?: number): Usage {
  const {
    inputTokens: input,
    outputTokens: output,
    reasoningTokens: reasoning,
    cachedTokens: cached,
  } = printed
  // Rule 2: where the total shows that reasoning was left out of the output, it is added.
  const leftOut =
    output !== null && input !== null && reasoning !== null && total === input + output + reasoning
  // Rule 2: with nothing but a total (Voyage embeddings), the total is input.
  const inputTokens = input ?? (output === null ? total : undefined)
  const usd = printed.usd ?? (printed.credits === null ? null : printed.credits / CREDITS_PER_USD)
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(output !== null && { outputTokens: leftOut ? output + reasoning : output }),
    ...(printed.credits !== null && { credits: printed.credits }),
    ...(usd !== null && { usd }),
    details: {
      ...(cached !== null && { cache_read: cached }),
      ...(reasoning !== null && { reasoning }),
    },
  }
}

/** The same, where the headers count as well: what they say comes first. */
export function meantWithHeaders(one: DocumentedResponse): Usage {
  return meantBy({ ...one.expected, ...one.expectedWithHeaders }, printedTotal(one))
}

/** The family that the request is routed to: 3D models are told from images by their names. */
export function routedFamily({ family = 'chat', file }: DocumentedResponse): string | undefined {
  if (family === 'error') return file.includes('problem-json') ? 'chat' : 'batch'
  return family === '3d' ? 'image' : family
}

/** The same part of what was read. */
export function comparable({ details, units: _units, ...rest }: Usage = {}): Usage {
  const { cache_read, reasoning } = details ?? {}
  return {
    ...rest,
    details: {
      ...(cache_read !== undefined && { cache_read }),
      ...(reasoning !== undefined && { reasoning }),
    },
  }
}

/** Whether the body says anything of tokens or cost. */
export function saysUsage(one: DocumentedResponse): boolean {
  const { details = {}, ...rest } = meantBy(one.expected, printedTotal(one))
  return Object.keys({ ...details, ...rest }).length > 0 || one.expectedItems !== undefined
}
