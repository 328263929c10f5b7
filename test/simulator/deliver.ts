/** Writes an answer to the wire, in the pace, pieces and state that was ordered. */
import type { ServerResponse } from 'node:http'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import { binaryPieces, jsonPieces, linePieces, streamPieces, tellsCredits, type Piece } from './body.ts'
import type { Answer } from './call.ts'
import { encode, encodingHeader } from './encode.ts'
import type { Faults } from './faults.ts'
import type { LedgerEntry } from './ledger.ts'
import type { Random } from './random.ts'

export interface Delivery {
  readonly answer: Answer
  readonly faults: Faults
  readonly random: Random
  /** Between two pieces of a stream or of binary audio. */
  readonly paceMs: number
  readonly creditHeaders: boolean
  readonly headers: Readonly<Record<string, string>>
  /** Aborted when the connection has closed. */
  readonly gone: AbortSignal
}

export interface Delivered {
  /** The response ended in good order: nobody broke it off, the network neither. */
  readonly completed: boolean
  /** Output tokens of the last piece that went out. */
  readonly generated: number
  /** Its credits, unspoilt, went out: in a header, or in a body that went out whole. */
  readonly reported: boolean
}

const MEGABYTE = 1024 * 1024

const CONTENT_TYPE: Readonly<Record<Answer['kind'], string>> = {
  json: 'application/json; charset=utf-8',
  sse: 'text/event-stream; charset=utf-8',
  lines: 'application/x-ndjson',
  binary: 'audio/wav',
}

/** 9 decimals, as the header spells it. */
export function usdText(credits: number): string {
  return (credits / 2_000_000).toFixed(9)
}

function creditHeaders(delivery: Delivery, charge: LedgerEntry | undefined): Record<string, string> {
  const { faults, answer } = delivery
  const headers: Record<string, string> = {}
  const told =
    charge !== undefined &&
    delivery.creditHeaders &&
    !faults.noCreditHeaders &&
    answer.kind === 'json' &&
    answer.noCreditHeaders !== true
  if (told) {
    headers['x-aimlapi-credits-used'] = String(charge.heldCredits || charge.credits)
    headers['x-aimlapi-usd-spent'] = usdText(charge.heldCredits || charge.credits)
  }
  if (faults.creditHeader !== undefined) headers['x-aimlapi-credits-used'] = faults.creditHeader
  if (faults.usdHeader !== undefined) headers['x-aimlapi-usd-spent'] = faults.usdHeader
  return headers
}

function piecesOf({ answer, faults, random }: Delivery): Iterable<Piece> {
  switch (answer.kind) {
    case 'json':
      return jsonPieces(answer, faults, random)
    case 'sse':
      return streamPieces(answer, faults, random)
    case 'lines':
      return linePieces(answer, faults, random)
    case 'binary':
      return binaryPieces(answer, faults)
  }
}

/** Faults after which nobody can say that the body told its cost. */
function spoilsBody(faults: Faults): boolean {
  const { noMeta, metaCredits, metaRaw, garbage, html, truncate, breakAt, endlessMb, contentLength } = faults
  return [noMeta, metaCredits, metaRaw, garbage, html, truncate, breakAt, endlessMb, contentLength].some(
    (fault) => fault !== undefined && fault !== false,
  )
}

function bodyTells(answer: Answer): boolean {
  if (answer.kind === 'json') return tellsCredits(answer.body)
  return answer.kind === 'sse' && answer.frames.some(({ data }) => data !== '[DONE]' && tellsCredits(data))
}

function* split({ bytes, ...rest }: Piece, size: number | undefined): Generator<Piece> {
  if (size === undefined || bytes.length <= size) return void (yield { bytes, ...rest })
  const step = Math.max(1, Math.floor(size))
  for (let start = 0; start < bytes.length; start += step) {
    const last = start + step >= bytes.length
    yield { bytes: bytes.subarray(start, start + step), ...(last ? rest : {}) }
  }
}

/** Resolves when the bytes were handed to the network, or nobody is there any more. */
async function write(response: ServerResponse, bytes: Buffer, gone: AbortSignal): Promise<void> {
  if (bytes.length === 0 || gone.aborted) return
  const flowing = response.write(bytes)
  if (flowing) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done)
      gone.removeEventListener('abort', done)
      resolve()
    }
    response.once('drain', done)
    gone.addEventListener('abort', done, { once: true })
  })
}

/** Closes the connection once what was written is on its way. */
export function sever(response: ServerResponse, faults: Faults): void {
  const { socket } = response
  if (socket === null) return void response.destroy()
  const close = (): void => void (faults.reset === true ? socket.resetAndDestroy() : socket.destroy())
  if (!response.headersSent || faults.reset === true) close()
  else socket.write('', () => setImmediate(close))
}

/** @returns what really went out. Never rejects because the client left. */
export async function deliver(response: ServerResponse, delivery: Delivery): Promise<Delivered> {
  const { answer, faults, gone } = delivery
  const charge = answer.kind === 'json' ? answer.charge : undefined
  const encoding = faults.bombMb === undefined ? faults.encoding : 'gzip'
  const headers: Record<string, string> = {
    'content-type':
      faults.contentType ?? (faults.html ? 'text/html; charset=utf-8' : CONTENT_TYPE[answer.kind]),
    ...(answer.kind === 'sse' ? { 'cache-control': 'no-cache' } : {}),
    ...delivery.headers,
    ...(answer.kind === 'json' ? answer.headers : {}),
    ...creditHeaders(delivery, charge),
    ...(encoding === undefined ? {} : { 'content-encoding': encodingHeader(encoding) }),
  }
  const tells = headers['x-aimlapi-credits-used'] !== undefined && faults.creditHeader === undefined
  const outcome = { completed: false, generated: 0, reported: tells }

  const pieces: Iterable<Piece> = piecesOf(delivery)
  const sized = answer.kind === 'json' && encoding === undefined && faults.endlessMb === undefined
  const known = sized && faults.padBytes === undefined ? [...pieces] : undefined
  if (known !== undefined) {
    // A body that breaks off promises its full length, as a real server would have.
    const cutTo = faults.breakAt ?? 1
    const size = known.reduce((sum, piece) => sum + piece.bytes.length, 0)
    headers['content-length'] = String(Math.round(size / (cutTo || 1)) + (faults.contentLength ?? 0))
    if (cutTo === 0) headers['content-length'] = '64'
  }
  response.writeHead(answer.kind === 'json' ? answer.status : 200, headers)
  response.flushHeaders()
  if (faults.bodyDelayMs !== undefined)
    await wait(faults.bodyDelayMs, undefined, { signal: gone }).catch(() => {})

  const steady = answer.kind === 'json' || answer.kind === 'lines'
  const paceMs = faults.paceMs ?? (steady ? 0 : delivery.paceMs)
  const capBytes = faults.endlessMb === undefined ? Number.POSITIVE_INFINITY : faults.endlessMb * MEGABYTE
  let sent = 0
  for await (const piece of encode(known ?? pieces, encoding)) {
    for (const { bytes, progress } of split(piece, faults.chunkBytes)) {
      if (sent > 0 && paceMs > 0) await wait(paceMs, undefined, { signal: gone }).catch(() => {})
      else if (sent > 0 && !steady) await nextTurn()
      if (gone.aborted) return outcome
      await write(response, bytes, gone)
      sent += bytes.length
      if (progress !== undefined) outcome.generated = progress
    }
    if (gone.aborted) return outcome
    if (sent >= capBytes) break
  }
  if (faults.breakAt !== undefined || faults.endlessMb !== undefined || faults.contentLength !== undefined) {
    sever(response, faults)
    return outcome
  }
  response.end()
  outcome.completed = true
  outcome.reported ||= bodyTells(answer) && !spoilsBody(faults)
  return outcome
}
