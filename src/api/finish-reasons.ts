/** The finish reason of each choice of a response. */
import { MAX_ARRAY_ITEMS } from './limits.ts'
import { type Fields, fieldsOf, readWord } from './fields.ts'

export class FinishReasons {
  /** By the index of the choice. */
  readonly #reasons: string[] = []

  get isEmpty(): boolean {
    return this.#reasons.length === 0
  }

  /** In the order of the choices; `undefined` when there is none. */
  get list(): string[] | undefined {
    // Without the holes of choices that gave no reason.
    return this.isEmpty ? undefined : this.#reasons.filter(() => true)
  }

  add(document: Fields, response: Fields, message: Fields): void {
    if (Array.isArray(document['choices'])) {
      const choices: readonly unknown[] = document['choices']
      for (let position = 0; position < choices.length && position < MAX_ARRAY_ITEMS; position++) {
        const { index, finish_reason: reason } = fieldsOf(choices[position])
        this.#set(typeof index === 'number' ? index : position, reason)
      }
      return
    }
    const { stop_reason: deltaReason } = fieldsOf(document['delta'])
    this.#set(0, document['stop_reason'] ?? deltaReason ?? message['stop_reason'])
    const described = document['object'] === 'response' ? document : response
    const { reason } = fieldsOf(described['incomplete_details'])
    if (described['status'] !== 'in_progress' && described['status'] !== 'queued')
      this.#set(0, reason ?? described['status'])
  }

  #set(index: number, reason: unknown): void {
    const word = readWord(reason)
    if (word !== undefined && index >= 0 && index < MAX_ARRAY_ITEMS) this.#reasons[Math.trunc(index)] = word
  }
}
