/** Reads bodies as src/calls does, in whatever chunks, as the tests of this folder need it. */
import { routeRequest } from '../../../src/api/endpoints.ts'
import type { Route } from '../../../src/api/families.ts'
import type { BatchItem } from '../../../src/api/body-facts.ts'
import { stateFacts, type ResponseFacts } from '../../../src/api/response-facts.ts'
import { ResponseReader } from '../../../src/api/response.ts'

export interface Answered {
  readonly method?: string
  readonly path?: string
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Absent or true: the body arrived whole. */
  readonly whole?: boolean
}

export interface Reading {
  readonly facts: ResponseFacts
  readonly items: BatchItem[]
}

export const CHAT: Answered = { method: 'POST', path: '/v1/chat/completions' }

/** A chunk lies between other bytes, and is overwritten after it was read: nobody may look beyond or later. */
export function lend(chunk: Uint8Array, use: (bytes: Uint8Array) => void): void {
  const around = Buffer.from('"}]}{"usage":{"prompt_tokens":666},"meta":{"usage":{"credits_used":666}}}\n\n')
  const memory = Buffer.concat([around, chunk, around])
  use(memory.subarray(around.length, around.length + chunk.length))
  memory.fill('"')
}

export function readAnswer(answered: Answered, chunks: Iterable<Uint8Array>): Promise<Reading> {
  const {
    method = 'POST',
    path = '/v1/chat/completions',
    status = 200,
    headers = {},
    whole = true,
  } = answered
  const items: BatchItem[] = []
  const route = routeRequest(method, path) as Route
  const reader = new ResponseReader(
    route,
    status,
    (name) => headers[name],
    (item) => items.push(item),
  )
  for (const chunk of chunks) lend(chunk, (bytes) => reader.input.write(bytes))
  return Promise.resolve(reader.end(whole)).then(() => ({ facts: stateFacts(reader), items }))
}

/** Cuts bytes into chunks of these sizes, the last size again and again. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = []
  let at = 0
  for (let index = 0; at < bytes.length; index++) {
    const size = Math.max(1, sizes[Math.min(index, sizes.length - 1)] ?? bytes.length)
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}
