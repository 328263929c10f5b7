/** The messages of Gemini Live. Usage may be in any of them, and belongs to the current turn. */
import type { TokenDetail, Usage } from '../types.ts'
import { addCost, collectCost, NO_COST, type Cost } from './cost.ts'
import { JsonSelector } from './json.ts'
import { MAX_ARRAY_ITEMS } from './limits.ts'
import { fieldsOf, type Fields } from './fields.ts'
import { readSession, type OnRealtimeEvent, type RealtimeReader } from './realtime.ts'
import { readCount } from './numbers.ts'
import { ALL, select, SOME } from './selection.ts'
import type { WritableUsage } from './usage.ts'

/** All that is read of a server's message. No content. */
const RECEIVED = select({
  setupComplete: { sessionId: ALL },
  serverContent: {
    modelTurn: { parts: [{ inlineData: SOME, text: SOME }] },
    turnComplete: ALL,
    interrupted: ALL,
    inputTranscription: SOME,
  },
  toolCall: SOME,
  usageMetadata: ALL,
  meta: { usage: ALL },
  error: SOME,
})
/** The first message of the application, the only one that names the model. */
const SETUP = select({ setup: { model: ALL } })
/** Google's own name of a model. */
const MODEL_PREFIX = /^models\//

type Direction = 'input' | 'output'
type Modality = 'text' | 'audio' | 'image' | 'video'

const MODALITIES: ReadonlyMap<unknown, Modality> = new Map([
  ['TEXT', 'text'],
  ['AUDIO', 'audio'],
  ['IMAGE', 'image'],
  ['VIDEO', 'video'],
])
const DETAILS: readonly (readonly [key: string, direction: Direction])[] = [
  ['promptTokensDetails', 'input'],
  ['toolUsePromptTokensDetails', 'input'],
  ['responseTokensDetails', 'output'],
]

export class GeminiMessages implements RealtimeReader {
  readonly isDone = false
  readonly #on: OnRealtimeEvent
  #isInTurn = false
  readonly #selector = new JsonSelector(RECEIVED, {
    onDocument: (document, isWhole) => this.#read(fieldsOf(document), isWhole),
  })

  constructor(on: OnRealtimeEvent) {
    this.#on = on
  }

  /** Every message: skipping the audio inside a message is as fast as skipping the message. */
  wants(): boolean {
    return true
  }

  write(bytes: Buffer, from: number, to: number): void {
    this.#selector.write(bytes, from, to)
  }

  finish(): void {
    this.#selector.end()
  }

  lose(problem: 'too_large' | 'undecodable'): void {
    this.#on({ kind: 'unreadable', problem })
  }

  #read(message: Fields, isWhole: boolean): void {
    if (!isWhole) {
      this.#on({ kind: 'unreadable', problem: 'unparsable' })
      return
    }
    const session = readSession(fieldsOf(message['setupComplete'])['sessionId'], undefined)
    if (session !== undefined) this.#on(session)
    if (message['error'] !== undefined) this.#on({ kind: 'error' })
    const content = fieldsOf(message['serverContent'])
    const isComplete = content['turnComplete'] === true
    if (content['inputTranscription'] !== undefined && !this.#isInTurn) this.#on({ kind: 'heard' })
    this.#readOutput(content['modelTurn'], message['toolCall'] !== undefined)
    // A turn without output may have a cost nevertheless.
    if (isComplete && fieldsOf(message['usageMetadata']) === message['usageMetadata']) this.#beginTurn()
    this.#readUsage(message)
    if (isComplete && this.#isInTurn) {
      this.#isInTurn = false
      const status = content['interrupted'] === true ? 'interrupted' : 'completed'
      this.#on({ kind: 'response_done', status })
    }
  }

  #readOutput(modelTurn: unknown, callsTool: boolean): void {
    const { parts } = fieldsOf(modelTurn)
    if (modelTurn === undefined && !callsTool) return
    this.#beginTurn()
    if (!Array.isArray(parts) || parts.length === 0) return
    this.#on({ kind: 'output', isAudio: parts.some((part) => fieldsOf(part)['inlineData'] !== undefined) })
  }

  #beginTurn(): void {
    if (this.#isInTurn) return
    this.#isInTurn = true
    this.#on({ kind: 'response_started' })
  }

  #readUsage(message: Fields): void {
    const cost: Cost = { isUnreadable: false }
    collectCost(fieldsOf(message['meta'])['usage'], cost)
    const spent: WritableUsage = {}
    addCost(spent, NO_COST, cost)
    if (spent.credits !== undefined) this.#on({ kind: 'session_usage', usage: spent })
    const { usageMetadata } = message
    if (usageMetadata === undefined || usageMetadata === null) return
    const usage = readUsageMetadata(fieldsOf(usageMetadata))
    if (usage === undefined || cost.isUnreadable) this.#on({ kind: 'unreadable', problem: 'unparsable' })
    if (usage !== undefined) this.#on({ kind: 'response_usage', usage })
  }
}

/** Reads what the application sends until it has named the model, and has sent something to work on. */
export class GeminiInput implements RealtimeReader {
  readonly #on: OnRealtimeEvent
  readonly #selector = new JsonSelector(SETUP, { onDocument: (document) => this.#read(fieldsOf(document)) })
  #isSetUp = false
  #isDone = false

  constructor(on: OnRealtimeEvent) {
    this.#on = on
  }

  get isDone(): boolean {
    return this.#isDone
  }

  wants(): boolean {
    if (!this.#isSetUp) return true
    this.#isDone = true
    this.#on({ kind: 'input' })
    return false
  }

  write(bytes: Buffer, from: number, to: number): void {
    this.#selector.write(bytes, from, to)
  }

  finish(): void {
    this.#selector.end()
    // The setup is the first message, or there is none.
    this.#isSetUp = true
  }

  lose(): void {
    this.#isDone = true
  }

  #read(message: Fields): void {
    const { model } = fieldsOf(message['setup'])
    if (typeof model !== 'string') return
    const session = readSession(undefined, model.replace(MODEL_PREFIX, ''))
    if (session !== undefined) this.#on(session)
  }
}

/** Google's counts as a Usage; `undefined` when one of them is unreadable. */
function readUsageMetadata(fields: Fields): Usage | undefined {
  const counts = [
    'promptTokenCount',
    'toolUsePromptTokenCount',
    'responseTokenCount',
    'thoughtsTokenCount',
    'cachedContentTokenCount',
    'totalTokenCount',
  ].map((name) => {
    const value = fields[name] ?? undefined
    return value === undefined ? undefined : (readCount(value) ?? Number.NaN)
  })
  if (counts.some(Number.isNaN)) return undefined
  const [prompt, toolUse, response, thoughts, cached, total] = counts
  const usage: WritableUsage = {}
  if (prompt !== undefined || toolUse !== undefined) usage.inputTokens = (prompt ?? 0) + (toolUse ?? 0)
  if (response !== undefined || thoughts !== undefined) {
    const responseTokens = response ?? 0
    // Some models include their thoughts in the response count, others do not: the total shows which.
    const areInside = total !== undefined && total === (usage.inputTokens ?? 0) + responseTokens
    usage.outputTokens = areInside ? responseTokens : responseTokens + (thoughts ?? 0)
  }
  const details: Partial<Record<TokenDetail, number>> = readModalities(fields)
  if (cached !== undefined) details.cache_read = cached
  if (thoughts !== undefined) details.reasoning = thoughts
  if (Object.keys(details).length > 0) usage.details = details
  return usage
}

function readModalities(fields: Fields): Partial<Record<TokenDetail, number>> {
  const details: Partial<Record<TokenDetail, number>> = {}
  for (const [key, direction] of DETAILS) {
    const list = fields[key]
    if (!Array.isArray(list)) continue
    for (const item of list.slice(0, MAX_ARRAY_ITEMS)) {
      const { modality, tokenCount } = fieldsOf(item)
      const name = MODALITIES.get(modality)
      const count = readCount(tokenCount)
      if (name === undefined || count === undefined) continue
      const detail: TokenDetail = `${direction}_${name}`
      details[detail] = (details[detail] ?? 0) + count
    }
  }
  return details
}
