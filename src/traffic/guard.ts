import { createOnce } from '../once.ts'
import type { Begin, Exchange, HeaderLookup, HookOptions } from './exchange.ts'
import { publishOnce } from './publish-once.ts'

/**
 * An Exchange that never throws. What the wrapped exchange throws is reported and ends the observation: its `end` is
 * still called, so that its owner can close what it opened. No event is passed on after `end`, or after `release()` of
 * the guard.
 */
export interface GuardedExchange extends Exchange {
  /** No event will be passed on any more. */
  readonly ended: boolean
}

export interface Guard {
  /** Calls the owner's `begin`. When it throws, the request is not observed. */
  begin(...request: Parameters<Begin>): GuardedExchange | undefined
  /**
   * Wraps a channel subscriber: what it throws is caught and reported under `kind`. Uncaught, it would be an
   * uncaughtException in the application.
   */
  subscriber<Message>(kind: string, subscriber: (message: Message) => void): (message: unknown) => void
  /** Returns the result of `action`, or `undefined` when it threw, which is reported under `kind`. */
  attempt<Parameters extends readonly unknown[], Result>(
    kind: string,
    action: (...parameters: Parameters) => Result,
    ...parameters: Parameters
  ): Result | undefined
  /** False after `release()`. */
  readonly live: boolean
  /** No exchange gets another event: requests under way continue unobserved and get no `end`. */
  release(): void
}

/** Reports each kind of error (the name of the callback that threw) to `onInternalError` once. */
export function createGuard(options: Pick<HookOptions, 'begin' | 'onInternalError'>): Guard {
  const hook: Hook = { live: true, report: reportOncePerKind(options.onInternalError) }
  return {
    begin(request) {
      try {
        const exchange = options.begin(request)
        return exchange === undefined ? undefined : new Guarded(exchange, hook)
      } catch (error) {
        hook.report('begin', error)
        return undefined
      }
    },
    subscriber(kind, subscriber) {
      return (message) => {
        try {
          subscriber(message as Parameters<typeof subscriber>[0])
        } catch (error) {
          hook.report(kind, error)
        }
      }
    },
    attempt(kind, action, ...parameters) {
      try {
        return action(...parameters)
      } catch (error) {
        hook.report(kind, error)
        return undefined
      }
    },
    get live() {
      return hook.live
    },
    release() {
      hook.live = false
    },
  }
}

interface Hook {
  live: boolean
  readonly report: (kind: string, error: unknown) => void
}

function reportOncePerKind(onInternalError: HookOptions['onInternalError']): Hook['report'] {
  const isFirst = createOnce()
  return (kind, error) => {
    if (!isFirst(kind)) return
    try {
      onInternalError(error)
    } catch {
      // There is nowhere else to report it.
    }
  }
}

class Guarded implements GuardedExchange {
  #ended = false
  readonly #exchange: Exchange
  readonly #hook: Hook

  constructor(exchange: Exchange, hook: Hook) {
    this.#exchange = exchange
    this.#hook = hook
  }

  get ended(): boolean {
    return this.#ended || !this.#hook.live
  }

  within(publish: () => void): void {
    publishOnce(publish, (once) => {
      if (this.ended) return
      try {
        this.#exchange.within(once)
      } catch (error) {
        this.#fail('within', error)
      }
    })
  }

  sent(): void {
    if (this.ended) return
    try {
      this.#exchange.sent()
    } catch (error) {
      this.#fail('sent', error)
    }
  }

  requestChunk(bytes: Uint8Array): void {
    if (this.ended) return
    try {
      this.#exchange.requestChunk(bytes)
    } catch (error) {
      this.#fail('requestChunk', error)
    }
  }

  responseHead(status: number, header: HeaderLookup): void {
    if (this.ended) return
    try {
      this.#exchange.responseHead(status, header)
    } catch (error) {
      this.#fail('responseHead', error)
    }
  }

  responseChunk(bytes: Uint8Array): void {
    if (this.ended) return
    try {
      this.#exchange.responseChunk(bytes)
    } catch (error) {
      this.#fail('responseChunk', error)
    }
  }

  end(type?: string): void {
    if (this.ended) return
    this.#ended = true
    try {
      this.#exchange.end(type)
    } catch (error) {
      this.#hook.report('end', error)
    }
  }

  #fail(kind: string, error: unknown): void {
    this.#hook.report(kind, error)
    this.end('_OTHER')
  }
}
