/** Between the hooks and the calls: what our code throws stays here. */
import diagnosticsChannel from 'node:diagnostics_channel'
import { createOnce } from '../once.ts'
import type { Exchange, HeaderLookup, HookOptions, RequestHead, RunInContext, Unhook } from './exchange.ts'

/** Keeps from the application what our code throws. Each kind of error is reported once. */
export class Guard {
  /** False after `release()`. */
  live = true
  readonly #options: Pick<HookOptions, 'begin' | 'onInternalError'>
  readonly #isFirst = createOnce()
  readonly #undo: Unhook[] = []

  constructor(options: Pick<HookOptions, 'begin' | 'onInternalError'>) {
    this.#options = options
  }

  /** Calls the owner's `begin`, in the caller's context. When it throws, the request is not observed. */
  begin(request: RequestHead, run?: RunInContext): Exchange | undefined {
    try {
      const { begin } = this.#options
      return run === undefined ? begin(request) : run(() => begin(request))
    } catch (error) {
      this.report('begin', error)
      return undefined
    }
  }

  /** Subscribes to a channel until `release()`. What a subscriber throws would be an uncaughtException. */
  subscribe<Message>(channel: string, subscriber: (message: Message) => void): void {
    const guarded = (message: unknown): void => {
      try {
        subscriber(message as Message)
      } catch (error) {
        this.report(channel, error)
      }
    }
    diagnosticsChannel.subscribe(channel, guarded)
    this.onRelease(() => diagnosticsChannel.unsubscribe(channel, guarded))
  }

  onRelease(undo: () => void): void {
    this.#undo.push(undo)
  }

  /** Returns the result of `action`, or `undefined` when it threw, which is reported under `kind`. */
  attempt<Parameters extends readonly unknown[], Result>(
    kind: string,
    action: (...parameters: Parameters) => Result,
    ...parameters: Parameters
  ): Result | undefined {
    try {
      return action(...parameters)
    } catch (error) {
      this.report(kind, error)
      return undefined
    }
  }

  /** Removes the hook. No exchange gets another event: requests under way continue unobserved and get no `end`. */
  release(): void {
    this.live = false
    for (const undo of this.#undo.splice(0)) undo()
  }

  report(kind: string, error: unknown): void {
    if (!this.#isFirst(kind)) return
    try {
      this.#options.onInternalError(error)
    } catch {
      // There is nowhere else to report it.
    }
  }
}

/**
 * An Exchange that never throws. What the wrapped one throws is reported and ends the observation: its `end` is still
 * called, so that its owner can close what it opened. Nothing is passed on after `end`, or `release()` of the guard.
 */
export class GuardedExchange implements Exchange {
  #ended = false
  readonly #exchange: Exchange
  readonly #guard: Guard

  constructor(exchange: Exchange, guard: Guard) {
    this.#exchange = exchange
    this.#guard = guard
  }

  /** No event will be passed on any more. */
  get ended(): boolean {
    return this.#ended || !this.#guard.live
  }

  within(publish: () => void): void {
    if (this.ended) return
    try {
      this.#exchange.within(publish)
    } catch (error) {
      this.#fail('within', error)
    }
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
      this.#guard.report('end', error)
    }
  }

  #fail(kind: string, error: unknown): void {
    this.#guard.report(kind, error)
    this.end('_OTHER')
  }
}
