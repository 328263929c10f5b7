/** Why each choice of an answer ended. */
import { MAX_ARRAY_ITEMS } from './limits.ts'
import { fieldsOf, type Fields } from './response-keys.ts'
import { readWord } from './text.ts'

export class FinishReasons {
  #byIndex: Map<number, string> | undefined

  get isEmpty(): boolean {
    return this.#byIndex === undefined
  }

  /** In the order of the choices; `undefined` when none was said. */
  get list(): string[] | undefined {
    const known = this.#byIndex
    if (known === undefined) return undefined
    return [...known].sort(([a], [b]) => a - b).map(([, reason]) => reason)
  }

  add(document: Fields, response: Fields, message: Fields): void {
    if (Array.isArray(document['choices'])) {
      for (const [position, choice] of document['choices'].slice(0, MAX_ARRAY_ITEMS).entries()) {
        const { index, finish_reason: reason } = fieldsOf(choice)
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
    this.#byIndex ??= new Map()
    if (this.#byIndex.size < MAX_ARRAY_ITEMS || this.#byIndex.has(index)) this.#byIndex.set(index, word)
  }
}
