/**
 * Whether an event stream came to its end. Each dialect has its own last event; a stream without it was cut off, and its
 * figures are provisional. A stream of no known dialect ends with its body.
 */
import { isFields, type Fields } from './fields.ts'

/**
 * `speaks` matches the `type` of a dialect's events, `ends` that of its last ones. By the vendors' API references: Anthropic messages; OpenAI responses, images, speech and transcriptions; threads.
 */
const ENDINGS = [
  { speaks: /^(?:message_|content_block_)/, ends: /^message_stop$/ },
  { speaks: /^response\./, ends: /^response\.(?:completed|failed|incomplete|cancelled)$/ },
  { speaks: /^(?:image_generation|image_edit)\./, ends: /\.completed$/ },
  { speaks: /^(?:speech\.audio|transcript\.text)\./, ends: /\.done$/ },
]
/**
 * Chats have no last event but `[DONE]`, which some servers do not send. A finish reason ends them as well, and so does the
 * chunk without choices that has usage or cost.
 */
const OPEN_OBJECT = /^(?:chat\.completion|text_completion|thread\.)/

/** Tells by the events of a stream whether it has come to its end. */
export class StreamEnd {
  /** Nothing comes after what was read: whoever leaves the stream now leaves it at its end, as openai 7 does. */
  isLast = false
  #isExpected = false
  #isSeen = false

  /** True after an event that ends the stream, and for a stream of no known dialect. */
  get isReached(): boolean {
    return this.#isSeen || !this.#isExpected
  }

  /** Call for an event that ends the stream: `[DONE]`, or an event named `done`. */
  reach(): void {
    this.#isSeen = this.isLast = true
  }

  /** One event's document. */
  add(document: Fields, hasFinishReason: boolean): void {
    const { type, object } = document
    if (typeof type === 'string') {
      const dialect = ENDINGS.find(({ speaks }) => speaks.test(type))
      if (dialect === undefined) return
      this.#isExpected = true
      if (dialect.ends.test(type)) {
        this.#isSeen = true
        // Each of several images has its own.
        this.isLast = !type.startsWith('image')
      }
      return
    }
    if (Array.isArray(document['choices']) || (typeof object === 'string' && OPEN_OBJECT.test(object)))
      this.#isExpected = true
    if (hasFinishReason || isSummary(document)) this.#isSeen = true
  }
}

function isSummary({ choices, usage, meta }: Fields): boolean {
  const hasChoices = Array.isArray(choices) && choices.length > 0
  return !hasChoices && (isFields(usage) || isFields(meta))
}
