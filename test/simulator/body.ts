/** Answers become bytes here, whole or spoilt as ordered. */
import type { BinaryAnswer, Frame, Json, JsonAnswer, JsonObject, LinesAnswer, StreamAnswer } from './call.ts'
import type { Faults } from './faults.ts'
import type { Random } from './random.ts'

/** One piece of a body. `progress`: output tokens generated once it is out, in streams. */
export interface Piece {
  readonly bytes: Buffer
  readonly progress?: number
}

const MEGABYTE = 1024 * 1024
/** Stand for raw JSON until the text is there; no answer has such strings of its own. */
const TOKENS_MARK = '\u0001tokens'
const CREDITS_MARK = '\u0001credits'
const META_MARK = '\u0001meta'
const INVALID_UTF8 = Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0xc0, 0x80])
const INVALID_MARK = 'no-utf8!'

/** Each stands before the true one, where there is one. */
const LIES: readonly (readonly [name: string, lie: string])[] = [
  ['usage', '"usage":{"prompt_tokens":987654321,"completion_tokens":987654321,"total_tokens":1975308642}'],
  ['meta', '"meta":{"usage":{"credits_used":987654321}}'],
]

export const HTML_PAGE =
  '<!doctype html><html><head><title>502</title></head><body>canary gateway page</body></html>'

/** Where `usage` and `meta` may stand: the body itself, a Responses event, a message_start event. */
function holders(value: Json): JsonObject[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return []
  const nested = ['response', 'message', 'result', 'output'].flatMap((name) => {
    const inner = value[name]
    return inner === undefined ? [] : holders(inner)
  })
  return [value, ...nested]
}

/** Whether the credits stand in this JSON. */
export function tellsCredits(value: Json): boolean {
  return holders(value).some((holder) => {
    const { meta, cost } = holder
    const isRun = cost !== null && typeof cost === 'object' && !Array.isArray(cost)
    if (isRun && typeof cost['credits'] === 'number') return true
    return meta !== null && typeof meta === 'object' && !Array.isArray(meta) && meta['usage'] !== undefined
  })
}

function markNumbers(value: Json, mark: string): Json {
  if (typeof value === 'number') return mark
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item) => markNumbers(item, mark))
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, markNumbers(item, mark)]))
}

/** JSON text of a value, with the faults that spoil its content. */
export function serialise(value: Json, faults: Faults): Buffer {
  const { noMeta, usageNull, tokens, metaCredits, metaRaw, duplicateKeys, deep, invalidUtf8 } = faults
  const spoils =
    noMeta || usageNull || tokens || metaCredits || metaRaw || duplicateKeys || deep || invalidUtf8
  if (!spoils) return Buffer.from(JSON.stringify(value))
  const copy = structuredClone(value)
  for (const holder of holders(copy)) {
    const { usage, meta } = holder
    if (usage !== undefined && usageNull) holder['usage'] = null
    else if (usage !== undefined && tokens !== undefined) holder['usage'] = markNumbers(usage, TOKENS_MARK)
    if (meta === undefined) continue
    if (noMeta) delete holder['meta']
    else if (metaRaw !== undefined) holder['meta'] = META_MARK
    else if (metaCredits !== undefined) holder['meta'] = markNumbers(meta, CREDITS_MARK)
  }
  let text = JSON.stringify(copy)
    .replaceAll(JSON.stringify(TOKENS_MARK), tokens ?? '')
    .replaceAll(JSON.stringify(CREDITS_MARK), metaCredits ?? '')
    .replaceAll(JSON.stringify(META_MARK), metaRaw ?? '')
  if (text.startsWith('{')) {
    const first: string[] = []
    if (duplicateKeys) first.push(...LIES.flatMap(([name, lie]) => (name in (copy as JsonObject) ? lie : [])))
    if (deep !== undefined) first.push(`"deep":${'['.repeat(deep)}${']'.repeat(deep)}`)
    if (invalidUtf8) first.push(`"note":"${INVALID_MARK}"`)
    const rest = text === '{}' ? [] : [text.slice(1, -1)]
    text = `{${[...first, ...rest].join(',')}}`
  }
  const bytes = Buffer.from(text)
  if (invalidUtf8) {
    const at = bytes.indexOf(INVALID_MARK)
    if (at >= 0) INVALID_UTF8.copy(bytes, at)
  }
  return bytes
}

/** `{"padding":"xxx…",` and the rest of the object, without ever holding the padding in memory. */
function* padded(bytes: Buffer, sizeBytes: number): Generator<Buffer> {
  if (sizeBytes <= 0 || bytes[0] !== 0x7b) return void (yield bytes)
  yield Buffer.from('{"padding":"')
  const block = Buffer.alloc(MEGABYTE, 'x')
  for (let left = sizeBytes; left > 0; left -= MEGABYTE) yield block.subarray(0, Math.min(left, MEGABYTE))
  yield Buffer.from(bytes.length > 2 ? '",' : '"')
  yield bytes.subarray(1)
}

const paddingOf = (faults: Faults): number => faults.padBytes ?? (faults.bombMb ?? 0) * MEGABYTE

function part(bytes: Buffer, fraction: number | undefined): Buffer {
  return fraction === undefined ? bytes : bytes.subarray(0, Math.floor(bytes.length * fraction))
}

export function* jsonPieces(answer: JsonAnswer, faults: Faults, random: Random): Generator<Piece> {
  if (faults.html) return void (yield { bytes: Buffer.from(HTML_PAGE) })
  if (faults.garbage) return void (yield { bytes: random.bytes(700) })
  if (faults.endlessMb !== undefined) {
    yield { bytes: Buffer.from('{"padding":"') }
    for (const block = Buffer.alloc(MEGABYTE, 'x'); ;) yield { bytes: block }
  }
  const whole = serialise(answer.body, faults)
  const bytes = part(part(whole, faults.truncate), faults.breakAt)
  for (const block of padded(bytes, paddingOf(faults))) yield { bytes: block }
}

export function* linePieces(answer: LinesAnswer, faults: Faults, random: Random): Generator<Piece> {
  if (faults.html) return void (yield { bytes: Buffer.from(HTML_PAGE) })
  if (faults.garbage) return void (yield { bytes: random.bytes(700) })
  const newline = Buffer.from('\n')
  const lines = answer.lines.map((line) => Buffer.concat([serialise(line, faults), newline]))
  for (const bytes of cut(lines, faults)) yield { bytes }
}

export function* binaryPieces(answer: BinaryAnswer, faults: Faults): Generator<Piece> {
  for (const bytes of cut(answer.chunks, faults)) yield { bytes }
}

/** The first part of a list of chunks, by bytes, when the body is to be cut. */
function cut(chunks: readonly Buffer[], faults: Faults): readonly Buffer[] {
  const fraction = (faults.truncate ?? 1) * (faults.breakAt ?? 1)
  if (fraction >= 1) return chunks
  let left = Math.floor(chunks.reduce((sum, chunk) => sum + chunk.length, 0) * fraction)
  const kept: Buffer[] = []
  for (const chunk of chunks) {
    if (left <= 0) break
    kept.push(chunk.subarray(0, left))
    left -= chunk.length
  }
  return kept
}

const LINE_END = { crlf: '\r\n', cr: '\r' } as Readonly<Record<string, string>>

function frameBytes(frame: Frame, faults: Faults): Buffer {
  const end = LINE_END[faults.sse ?? ''] ?? '\n'
  const colon = faults.sse === 'no-space' ? ':' : ': '
  const head = `${faults.sse === 'comments' ? `: keep-alive${end}` : ''}${frame.event === undefined ? '' : `event${colon}${frame.event}${end}`}`
  if (frame.data === '[DONE]') return Buffer.from(`${head}data${colon}[DONE]${end}${end}`)
  if (faults.sse === 'multi-line') {
    const lines = JSON.stringify(JSON.parse(serialise(frame.data, faults).toString()), null, 1).split('\n')
    return Buffer.from(`${head}${lines.map((line) => `data${colon}${line}${end}`).join('')}${end}`)
  }
  return Buffer.concat([
    Buffer.from(`${head}data${colon}`),
    serialise(frame.data, faults),
    Buffer.from(end + end),
  ])
}

export function* streamPieces(answer: StreamAnswer, faults: Faults, random: Random): Generator<Piece> {
  if (faults.html) return void (yield { bytes: Buffer.from(HTML_PAGE), progress: 0 })
  if (faults.garbage) return void (yield { bytes: random.bytes(700), progress: 0 })
  const { frames } = answer
  const fraction = (faults.truncate ?? 1) * (faults.breakAt ?? 1)
  const end = fraction >= 1 ? frames.length : Math.floor(frames.length * fraction)
  const padding = paddingOf(faults)
  if (padding > 0) {
    yield { bytes: Buffer.from('data: ') }
    for (const bytes of padded(Buffer.from('{}'), padding)) yield { bytes }
    yield { bytes: Buffer.from('\n\n') }
  }
  if (faults.endlessMb !== undefined) {
    const middle = frames[Math.min(2, frames.length - 1)]
    if (middle === undefined) return
    const bytes = frameBytes(middle, faults)
    const block = Buffer.concat(Array.from({ length: Math.ceil(65_536 / bytes.length) }, () => bytes))
    for (;;) yield { bytes: block, progress: middle.generated }
  }
  for (const frame of frames.slice(0, end)) {
    yield { bytes: frameBytes(frame, faults), progress: frame.generated }
  }
  // Half a frame more: a cut never falls only between two events.
  const next = frames[end]
  if (next !== undefined) {
    const bytes = frameBytes(next, faults)
    yield { bytes: bytes.subarray(0, Math.floor(bytes.length / 2)) }
  }
}
