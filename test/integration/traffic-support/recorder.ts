import type {
  Begin,
  Exchange,
  HeaderLookup,
  HookOptions,
  RequestHead,
} from '../../../src/traffic/exchange.ts'

/** Everything that one Exchange was told. */
export class RecordedExchange implements Exchange {
  readonly head: RequestHead
  /** Consecutive repetitions are one: how a body is split is the network's business. */
  readonly events: string[] = []
  readonly ended: Promise<void>
  status: number | undefined
  header: HeaderLookup = () => undefined
  endings: (string | undefined)[] = []
  readonly #requestChunks: Uint8Array[] = []
  readonly #responseChunks: Uint8Array[] = []
  #resolveEnded = (): void => {}

  constructor(head: RequestHead) {
    this.head = head
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
  }

  within(publish: () => void): void {
    publish()
  }

  sent(): void {
    this.#mark('sent')
  }

  requestChunk(bytes: Uint8Array): void {
    this.#requestChunks.push(Uint8Array.from(bytes))
    this.#mark('requestChunk')
  }

  responseHead(status: number, header: HeaderLookup): void {
    this.status = status
    this.header = header
    this.#mark(`responseHead ${status}`)
  }

  responseChunk(bytes: Uint8Array): void {
    this.#responseChunks.push(Uint8Array.from(bytes))
    this.#mark('responseChunk')
  }

  end(errorType?: string): void {
    this.endings.push(errorType)
    this.#mark(`end ${errorType ?? 'whole'}`)
    this.#resolveEnded()
  }

  get requestBytes(): Buffer {
    return Buffer.concat(this.#requestChunks)
  }

  get responseBytes(): Buffer {
    return Buffer.concat(this.#responseChunks)
  }

  #mark(event: string): void {
    if (this.events.at(-1) !== event) this.events.push(event)
  }
}

export interface Recorder extends HookOptions {
  /** In the order in which the requests were announced. */
  readonly exchanges: RecordedExchange[]
  /** What reached `onInternalError`. */
  readonly errors: unknown[]
}

/** Options for a hook that keep everything; `matches` restricts what is observed. */
export function createRecorder(
  matches: (head: RequestHead) => boolean = () => true,
  nestHttpSpans = true,
): Recorder {
  const exchanges: RecordedExchange[] = []
  const errors: unknown[] = []
  const begin: Begin = (head) => {
    if (!matches(head)) return undefined
    const exchange = new RecordedExchange(head)
    exchanges.push(exchange)
    return exchange
  }
  return { exchanges, errors, begin, nestHttpSpans, onInternalError: (error) => errors.push(error) }
}
