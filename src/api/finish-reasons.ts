/** The finish reason of each choice of a response. */
import { MAX_ARRAY_ITEMS } from './limits.ts'
import { fieldsOf, type Fields } from './fields.ts'
import { readWord } from './text.ts'

export class FinishReasons {
  /** The reason of choice 0: nearly all responses have no other. */
  #first: string | undefined
  #others: Map<number, string> | undefined

  get isEmpty(): boolean {
    return this.#first === undefined && this.#others === undefined
  }

  /** In the order of the choices; `undefined` when there is none. */
  get list(): string[] | undefined {
    const first = this.#first === undefined ? [] : [this.#first]
    if (this.#others === undefined) return first.length === 0 ? undefined : first
    const others = [...this.#others].sort(([a], [b]) => a - b).map(([, reason]) => reason)
    return [...first, ...others]
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
    if (word === undefined) return
    if (index === 0) {
      this.#first = word
      return
    }
    this.#others ??= new Map()
    if (this.#others.size < MAX_ARRAY_ITEMS - 1 || this.#others.has(index)) this.#others.set(index, word)
  }
}
