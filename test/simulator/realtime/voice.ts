/** What one session is made of, whichever protocol it speaks: its words, its sums, and its wire. */
import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { WebSocket } from 'ws'
import type { Call, Json } from '../call.ts'
import type { Faults } from '../faults.ts'
import type { LedgerEntry } from '../ledger.ts'
import { creditsFor, type Model } from '../models.ts'

/** What the user and the model say. Must never be seen in telemetry. */
export const TRANSCRIPT = 'canary transcript: what does a minute of this cost?'

export interface Turn {
  readonly textInput: number
  readonly audioInput: number
  readonly imageInput: number
  /** Of the input. */
  readonly cached: number
  readonly textOutput: number
  readonly audioOutput: number
  readonly reasoning: number
  /** Seconds of sound, heard and spoken. */
  readonly seconds: number
}

export const inputOf = (turn: Turn): number => turn.textInput + turn.audioInput + turn.imageInput
export const outputOf = (turn: Turn): number => turn.textOutput + turn.audioOutput

export class Voice {
  readonly call: Call
  readonly model: Model
  readonly faults: Faults
  readonly #socket: WebSocket
  readonly #connection: Socket
  readonly #opcode: 'text' | 'binary'
  #contextTokens = 0
  #heard = { text: 0, audioBytes: 0, images: 0 }
  #input = 0
  #output = 0
  #credits = 0
  #seconds = 0
  #framesLeft: number | undefined
  #isBroken = false
  /** Everything that was charged was also said in a message that went out. */
  #isReported = true

  constructor(
    call: Call,
    model: Model,
    faults: Faults,
    wire: { readonly socket: WebSocket; readonly connection: Socket; readonly opcode: 'text' | 'binary' },
  ) {
    this.call = call
    this.model = model
    this.faults = faults
    this.#socket = wire.socket
    this.#connection = wire.connection
    this.#opcode = wire.opcode
    // The part of a response's deltas after which the line breaks.
    if (faults.breakAt !== undefined) this.#framesLeft = Math.ceil(faults.breakAt * call.behaviour.chunks)
  }

  get billsByDuration(): boolean {
    return this.model.price.second !== undefined
  }

  get isOpen(): boolean {
    return !this.#isBroken && this.#socket.readyState === this.#socket.OPEN
  }

  hear(heard: { readonly text?: number; readonly audioBytes?: number; readonly images?: number }): void {
    this.#heard.text += heard.text ?? 0
    this.#heard.audioBytes += heard.audioBytes ?? 0
    this.#heard.images += heard.images ?? 0
  }

  /** What the next response uses: the whole conversation so far is its input again. */
  nextTurn(): Turn {
    const { random, behaviour } = this.call
    const { text, audioBytes, images } = this.#heard
    this.#heard = { text: 0, audioBytes: 0, images: 0 }
    const cached = Math.floor(this.#contextTokens / 64) * 64
    const spoken = random.integer(5, 400)
    const turn: Turn = {
      textInput: behaviour.input ?? Math.ceil(text / 4) + 12 + this.#contextTokens,
      audioInput: Math.ceil(audioBytes / 4800),
      imageInput: images * 85,
      cached: behaviour.cached ?? cached,
      textOutput: behaviour.output ?? random.integer(2, 60),
      audioOutput: behaviour.output === undefined ? spoken : 0,
      reasoning: behaviour.reasoning ?? (this.model.traits.reasoning === 'none' ? 0 : random.integer(1, 80)),
      seconds: Number((audioBytes / 48_000 + spoken / 20).toFixed(2)),
    }
    this.#contextTokens += turn.audioInput + turn.imageInput + outputOf(turn) + Math.ceil(text / 4)
    return turn
  }

  /** Books a response, as far as it was generated; gives its credits. */
  book(turn: Turn, told: boolean): number {
    const { behaviour } = this.call
    const used = this.billsByDuration
      ? { seconds: turn.seconds }
      : {
          inputTokens: inputOf(turn),
          cacheReadTokens: turn.cached,
          outputTokens: outputOf(turn) + turn.reasoning,
        }
    const credits = behaviour.credits ?? creditsFor(this.model.price, used)
    this.#seconds = Number((this.#seconds + turn.seconds).toFixed(2))
    this.#add(inputOf(turn), outputOf(turn) + turn.reasoning, credits, told)
    return credits
  }

  /** Books what was heard by another model. */
  bookTranscription(input: number, output: number, seconds: number, told: boolean): number {
    const credits = creditsFor(
      { inputToken: 5, outputToken: 20, second: 180 },
      { inputTokens: input, outputTokens: output, seconds },
    )
    this.#add(input, output, credits, told)
    return credits
  }

  #add(input: number, output: number, credits: number, told: boolean): void {
    this.#input += input
    this.#output += output
    this.#credits += credits
    this.#isReported &&= told
  }

  /** Of the whole session, as xAI says it. */
  get billableSeconds(): number {
    return this.#seconds
  }

  /** Sends a message; false when the line broke in the middle of it, as was ordered. */
  async send(message: Json, isDelta = false): Promise<boolean> {
    if (!this.isOpen) return false
    const text = JSON.stringify(message)
    if (isDelta && this.#framesLeft !== undefined && --this.#framesLeft < 0) {
      this.#break(text)
      return false
    }
    if (isDelta && this.call.behaviour.paceMs > 0) await wait(this.call.behaviour.paceMs)
    return new Promise((resolve) =>
      this.#socket.send(this.#opcode === 'binary' ? Buffer.from(text) : text, (error) =>
        resolve(error === undefined || error === null),
      ),
    )
  }

  close(code: number, reason = ''): void {
    this.#socket.close(code, reason)
  }

  /** Writes the half of a frame, and is gone. */
  #break(text: string): void {
    this.#isBroken = true
    const length = Buffer.byteLength(text) + 126
    const header = Buffer.from([0x81, 126, length >> 8, length & 255])
    this.#connection.write(Buffer.concat([header, Buffer.from(text)]), () => {
      if (this.faults.reset === true && !('encrypted' in this.#connection)) this.#connection.resetAndDestroy()
      else this.#connection.destroy()
    })
  }

  /** The session is over: what it used is charged, in one entry. */
  charge(): { readonly entry: LedgerEntry; readonly isReported: boolean } | undefined {
    if (this.#credits === 0) return undefined
    const tokens = { input: this.#input, output: this.#output }
    const entry = this.call.billing.charge(this.call, this.model, { credits: this.#credits, tokens })
    return { entry, isReported: this.#isReported }
  }

  /** Of the session so far. */
  get credits(): number {
    return this.#credits
  }
}
