/** The events of OpenAI Realtime, also in the spelling of its beta and of xAI. */
import { readSpent } from './cost.ts'
import { type Fields, fieldsOf, readAmount, readCount, readId, readWord } from './fields.ts'
import { readSession, type OnRealtimeEvent, type RealtimeEvent, type RealtimeReader } from './realtime.ts'
import { SelectedMessages } from './realtime-messages.ts'
import { ALL, select } from './selection.ts'
import { isEmpty } from './usage.ts'

/** All that is read of an event. No content. */
const SELECTION = select({
  type: ALL,
  item_id: ALL,
  content_index: ALL,
  usage: ALL,
  meta: { usage: ALL },
  session: { id: ALL, model: ALL, meta: { usage: ALL } },
  response: { id: ALL, status: ALL, usage: ALL, meta: { usage: ALL } },
})

/** Finds an event's `type` when only scalars stand before it. */
const TYPE =
  /^\s*\{\s*(?:"(?!type")[^"\\]*"\s*:\s*(?:"[^"\\]*"|-?[\d.eE+-]+|null|true|false)\s*,\s*)*"type"\s*:\s*"([^"\\]+)"/
/** The beginning of nearly all events. */
const USUAL_BEGINNING = Buffer.from('{"type":"')
const QUOTE = 0x22

/** The types of pieces of output end like this; they have neither usage nor cost. */
const PIECE = '.delta'
const AUDIO_OUTPUT = { kind: 'output', isAudio: true } as const
const TEXT_OUTPUT = { kind: 'output', isAudio: false } as const
/** Pieces of output. */
const OUTPUT: ReadonlyMap<string, RealtimeEvent> = new Map<string, RealtimeEvent>([
  ['response.output_audio.delta', AUDIO_OUTPUT],
  ['response.audio.delta', AUDIO_OUTPUT],
  ['response.output_text.delta', TEXT_OUTPUT],
  ['response.text.delta', TEXT_OUTPUT],
])
/** Nearly all messages of a session are such pieces. How they begin, so that no text has to be made of one. */
const FREQUENT = [
  ...OUTPUT,
  ['response.output_audio_transcript.delta', undefined] as const,
  ['response.audio_transcript.delta', undefined] as const,
].map(([type, event]) => ({ beginning: Buffer.from(`{"type":"${type}"`), event }))

export class OpenAiEvents extends SelectedMessages {
  readonly isDone = false

  constructor(emit: OnRealtimeEvent) {
    super(SELECTION, emit)
  }

  wants(bytes: Buffer, from: number, to: number): boolean {
    for (const { beginning, event } of FREQUENT) {
      if (!beginsWith(bytes, from, to, beginning)) continue
      if (event !== undefined) this.emit(event)
      return false
    }
    const type = findType(bytes, from, to)
    if (type === undefined || !type.endsWith(PIECE)) return true
    const event = OUTPUT.get(type)
    if (event !== undefined) this.emit(event)
    return false
  }

  protected readMessage(event: Fields, isWhole: boolean): void {
    if (!isWhole) {
      this.emit({ kind: 'unreadable', problem: 'unparsable' })
      return
    }
    const session = fieldsOf(event['session'])
    const response = fieldsOf(event['response'])
    // xAI puts the usage beside a response whose own is empty.
    const { usage, isReadable } = readSpent([event, session, response])
    if (!isReadable) this.emit({ kind: 'unreadable', problem: 'unparsable' })
    switch (event['type']) {
      case 'input_audio_buffer.speech_stopped':
      case 'input_audio_buffer.committed':
        this.emit({ kind: 'turn_ended' })
        return
      case 'response.created':
        this.emit({ kind: 'response_started', id: readId(response['id']) })
        return
      case 'response.done':
        this.#readBillableSeconds(event)
        this.emit({
          kind: 'response_done',
          id: readId(response['id']),
          status: readWord(response['status']),
          usage: isEmpty(usage) ? undefined : usage,
        })
        return
      case 'error':
        this.emit({ kind: 'error' })
        break
      default:
    }
    const named = readSession(session['id'], session['model'])
    if (named !== undefined) this.emit(named)
    const { credits: _credits, usd: _usd, ...amounts } = usage
    // A cost beside amounts belongs to these; a cost alone is that of the session.
    if (isEmpty(usage)) return
    if (isEmpty(amounts)) this.emit({ kind: 'session_usage', usage })
    else this.emit({ kind: 'other_usage', id: readItem(event), usage })
  }

  /** xAI reports the seconds of the whole session so far. */
  #readBillableSeconds(event: Fields): void {
    const usage = { ...fieldsOf(event['usage']), ...fieldsOf(fieldsOf(event['response'])['usage']) }
    const second = readAmount(usage['billable_audio_seconds'])
    if (second !== undefined) this.emit({ kind: 'session_usage', usage: { units: { second } } })
  }
}

/** A part of an item of the conversation. */
function readItem(event: Fields): string | undefined {
  const id = readId(event['item_id'])
  return id === undefined ? undefined : `${id} ${readCount(event['content_index']) ?? 0}`
}

/** Events of the application that are charged, or lead to a charge. */
const INPUT: ReadonlySet<string> = new Set([
  'input_audio_buffer.append',
  'conversation.item.create',
  'response.create',
])

/** Reads what the application sends until the first event that is charged or leads to a charge. */
export class OpenAiInput implements RealtimeReader {
  readonly #on: OnRealtimeEvent
  isDone = false

  constructor(on: OnRealtimeEvent) {
    this.#on = on
  }

  wants(bytes: Buffer, from: number, to: number): boolean {
    if (!INPUT.has(findType(bytes, from, to) ?? '')) return false
    this.isDone = true
    this.#on({ kind: 'input' })
    return false
  }

  write(): void {}

  finish(): void {}

  lose(): void {}
}

/** Compared from the end, where they differ. */
function beginsWith(bytes: Buffer, from: number, to: number, beginning: Buffer): boolean {
  if (to - from < beginning.length) return false
  for (let at = beginning.length - 1; at >= 0; at--) if (bytes[from + at] !== beginning[at]) return false
  return true
}

function findType(bytes: Buffer, from: number, to: number): string | undefined {
  const textFrom = from + USUAL_BEGINNING.length
  if (bytes.compare(USUAL_BEGINNING, 0, USUAL_BEGINNING.length, from, Math.min(textFrom, to)) === 0) {
    const textTo = bytes.indexOf(QUOTE, textFrom)
    return textTo < 0 || textTo > to ? undefined : bytes.toString('latin1', textFrom, textTo)
  }
  return TYPE.exec(bytes.toString('latin1', from, to))?.[1]
}
