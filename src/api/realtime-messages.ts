/** Reads the selected values of messages in JSON: what the readers of both protocols have in common. */
import { fieldsOf, type Fields } from './fields.ts'
import { JsonSelector } from './json.ts'
import type { OnRealtimeEvent, RealtimeReader } from './realtime.ts'
import type { Selection } from './selection.ts'

export abstract class SelectedMessages implements RealtimeReader {
  protected readonly emit: OnRealtimeEvent
  readonly #selector: JsonSelector

  constructor(selection: Selection, emit: OnRealtimeEvent) {
    this.emit = emit
    this.#selector = new JsonSelector(selection, (document, isWhole) =>
      this.readMessage(fieldsOf(document), isWhole),
    )
  }

  abstract readonly isDone: boolean

  abstract wants(bytes: Buffer, from: number, to: number): boolean

  write(bytes: Buffer, from: number, to: number): void {
    this.#selector.write(bytes, from, to)
  }

  finish(): void {
    this.#selector.end()
  }

  lose(problem: 'too_large' | 'undecodable'): void {
    this.emit({ kind: 'unreadable', problem })
  }

  /** Reads a message, reduced to the selection. `isWhole` is false when it was cut off or is invalid. */
  protected abstract readMessage(message: Fields, isWhole: boolean): void
}
