/** Why each choice of an answer ended. */
import { MAX_ARRAY_ITEMS } from './limits.ts'
import { fieldsOf, type Fields } from './fields.ts'
import { readWord } from './text.ts'

export class FinishReasons {
  /** Of choice 0: nearly all answers have no other. */
  #first: string | undefined
  #others: Map<number, string> | undefined

  get isEmpty(): boolean {
    return this.#first === undefined && this.#others === undefined
  }

  /** In the order of the choices; `undefined` when none was said. */
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
    const said = document['object'] === 'response' ? document : response
    const { reason } = fieldsOf(said['incomplete_details'])
    if (said['status'] !== 'in_progress' && said['status'] !== 'queued')
      this.#set(0, reason ?? said['status'])
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
