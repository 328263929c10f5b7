/** The messages of Gemini Live. Usage may be in any of them, and belongs to the current turn. */
import type { TokenDetail, Usage } from '../types.ts'
import { addCost, collectCost, NO_COST, type Cost } from './cost.ts'
import { MAX_ARRAY_ITEMS } from './limits.ts'
import { type Fields, fieldsOf, readCount } from './fields.ts'
import { readSession, type OnRealtimeEvent } from './realtime.ts'
import { SelectedMessages } from './realtime-messages.ts'
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
  ['candidatesTokensDetails', 'output'],
]

export class GeminiMessages extends SelectedMessages {
  readonly isDone = false
  #isInTurn = false
  /** Told in a message of its own, before the end of the turn. */
  #isInterrupted = false

  constructor(emit: OnRealtimeEvent) {
    super(RECEIVED, emit)
  }

  /** Every message: skipping the audio inside a message is as fast as skipping the message. */
  wants(): boolean {
    return true
  }

  protected readMessage(message: Fields, isWhole: boolean): void {
    if (!isWhole) {
      this.emit({ kind: 'unreadable', problem: 'unparsable' })
      return
    }
    const session = readSession(fieldsOf(message['setupComplete'])['sessionId'], undefined)
    if (session !== undefined) this.emit(session)
    if (message['error'] !== undefined) this.emit({ kind: 'error' })
    const content = fieldsOf(message['serverContent'])
    const isComplete = content['turnComplete'] === true
    if (content['inputTranscription'] !== undefined && !this.#isInTurn) this.emit({ kind: 'heard' })
    this.#readOutput(content['modelTurn'], message['toolCall'] !== undefined)
    // A turn without output may have a cost nevertheless.
    if (isComplete && fieldsOf(message['usageMetadata']) === message['usageMetadata']) this.#beginTurn()
    const total = this.#readUsage(message)
    this.#isInterrupted ||= content['interrupted'] === true
    if (isComplete && this.#isInTurn) {
      this.#isInTurn = false
      this.emit({ kind: 'response_done', status: this.#isInterrupted ? 'interrupted' : 'completed' })
      this.#isInterrupted = false
    }
    // The last of a message: it is the cost of the response that the same message ends, too.
    if (total.credits !== undefined) this.emit({ kind: 'session_usage', usage: total })
  }

  #readOutput(modelTurn: unknown, callsTool: boolean): void {
    const { parts } = fieldsOf(modelTurn)
    if (modelTurn === undefined && !callsTool) return
    this.#beginTurn()
    if (!Array.isArray(parts) || parts.length === 0) return
    this.emit({ kind: 'output', isAudio: parts.some((part) => fieldsOf(part)['inlineData'] !== undefined) })
  }

  #beginTurn(): void {
    if (this.#isInTurn) return
    this.#isInTurn = true
    this.emit({ kind: 'response_started' })
  }

  /** Returns what the session has cost, where the message says it. */
  #readUsage(message: Fields): Usage {
    const cost: Cost = { isUnreadable: false }
    collectCost(fieldsOf(message['meta'])['usage'], cost)
    const spent: WritableUsage = {}
    addCost(spent, NO_COST, cost)
    const { usageMetadata } = message
    if (usageMetadata === undefined || usageMetadata === null) return spent
    const usage = readUsageMetadata(fieldsOf(usageMetadata))
    if (usage === undefined || cost.isUnreadable) this.emit({ kind: 'unreadable', problem: 'unparsable' })
    if (usage !== undefined) this.emit({ kind: 'response_usage', usage })
    return spent
  }
}

/** Reads what the application sends until it has named the model, and has sent something to work on. */
export class GeminiInput extends SelectedMessages {
  #isSetUp = false
  isDone = false

  constructor(emit: OnRealtimeEvent) {
    super(SETUP, emit)
  }

  wants(): boolean {
    if (!this.#isSetUp) return true
    this.isDone = true
    this.emit({ kind: 'input' })
    return false
  }

  override finish(): void {
    super.finish()
    // The setup is the first message, or there is none.
    this.#isSetUp = true
  }

  override lose(): void {
    this.isDone = true
  }

  protected readMessage(message: Fields): void {
    const { model } = fieldsOf(message['setup'])
    if (typeof model !== 'string') return
    const session = readSession(undefined, model.replace(MODEL_PREFIX, ''))
    if (session !== undefined) this.emit(session)
  }
}

/** Google's counts as a Usage; `undefined` when one of them is unreadable. */
function readUsageMetadata(fields: Fields): Usage | undefined {
  const counts = [
    'promptTokenCount',
    'toolUsePromptTokenCount',
    'responseTokenCount',
    // The same where the API speaks as Vertex AI does.
    'candidatesTokenCount',
    'thoughtsTokenCount',
    'cachedContentTokenCount',
    'totalTokenCount',
  ].map((name) => {
    const value = fields[name] ?? undefined
    return value === undefined ? undefined : (readCount(value) ?? Number.NaN)
  })
  if (counts.some(Number.isNaN)) return undefined
  const [prompt, toolUse, said, candidates, thoughts, cached, total] = counts
  const response = said ?? candidates
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
    const isRepeated = key === 'candidatesTokensDetails' && fields['responseTokensDetails'] !== undefined
    if (!Array.isArray(list) || isRepeated) continue
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
