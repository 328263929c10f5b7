/** OpenAI's protocol, and xAI's way of it: told by the model. */
import { metaOf, type JsonObject } from '../call.ts'
import { inputOf, outputOf, TRANSCRIPT, type Turn, type Voice } from './voice.ts'

export class OpenAiConversation {
  readonly #voice: Voice
  readonly #id: string
  #events = 0
  #isCancelled = false
  #bufferedBytes = 0
  #transcribes: 'no' | 'tokens' | 'duration' = 'no'
  /** Answers are given one after the other. */
  #work: Promise<void>

  constructor(voice: Voice) {
    this.#voice = voice
    this.#id = `sess_${voice.call.random.nanoid()}`
    this.#work = this.#send({ type: 'session.created', session: this.#describe() }).then(() => {})
  }

  hear(message: JsonObject): void {
    if (message['type'] === 'response.cancel') this.#isCancelled = true
    this.#work = this.#work.then(() => this.#answer(message)).catch(() => {})
  }

  done(): Promise<void> {
    return this.#work
  }

  async #answer(message: JsonObject): Promise<void> {
    switch (message['type']) {
      case 'session.update':
        this.#update(message['session'] as JsonObject)
        await this.#send({ type: 'session.updated', session: this.#describe() })
        return
      case 'input_audio_buffer.append':
        this.#bufferedBytes += Buffer.byteLength(String(message['audio']), 'base64')
        return
      case 'input_audio_buffer.commit':
        return this.#commit()
      case 'conversation.item.create':
        this.#voice.hear({ text: JSON.stringify(message['item']).length, images: countImages(message) })
        await this.#send({
          type: 'conversation.item.added',
          item: { id: this.#newId('item'), object: 'realtime.item' },
        })
        return
      case 'response.create':
        return this.#respond()
      case 'response.cancel':
        return
      case 'sim.close':
        return this.#voice.close(Number(message['code']), 'canary reason')
      default:
        await this.#send({
          type: 'error',
          error: { type: 'invalid_request_error', message: `canary: unknown ${String(message['type'])}` },
        })
    }
  }

  #update(session: JsonObject | undefined): void {
    const audio = (session?.['audio'] as JsonObject | undefined)?.['input'] as JsonObject | undefined
    const transcription = audio?.['transcription'] as JsonObject | undefined
    if (transcription === undefined) return
    this.#transcribes = String(transcription['model']).includes('whisper') ? 'duration' : 'tokens'
  }

  async #commit(): Promise<void> {
    const audioBytes = this.#bufferedBytes
    this.#bufferedBytes = 0
    this.#voice.hear({ audioBytes })
    await this.#send({ type: 'input_audio_buffer.speech_stopped', audio_end_ms: audioBytes / 48 })
    await this.#send({ type: 'input_audio_buffer.committed', item_id: this.#newId('item') })
    if (this.#transcribes === 'no') return
    const { random } = this.#voice.call
    const seconds = this.#transcribes === 'duration' ? Number((audioBytes / 48_000 + 0.5).toFixed(3)) : 0
    const input = seconds > 0 ? 0 : random.integer(5, 60)
    const output = seconds > 0 ? 0 : random.integer(2, 40)
    const credits = this.#voice.bookTranscription(input, output, seconds, this.#tellsCost)
    const usage =
      seconds > 0
        ? { type: 'duration', seconds }
        : {
            type: 'tokens',
            input_tokens: input,
            output_tokens: output,
            total_tokens: input + output,
            input_token_details: { text_tokens: 0, audio_tokens: input },
          }
    await this.#send({
      type: 'conversation.item.input_audio_transcription.completed',
      item_id: this.#newId('item'),
      content_index: 0,
      transcript: TRANSCRIPT,
      usage,
      ...metaOf(this.#voice.call, this.#voice.model, credits),
    })
  }

  async #respond(): Promise<void> {
    const id = this.#newId('resp')
    const turn = this.#voice.nextTurn()
    const { chunks } = this.#voice.call.behaviour
    this.#isCancelled = false
    await this.#send({
      type: 'response.created',
      response: { ...describeResponse(id, 'in_progress'), usage: null },
    })
    let isWhole = true
    for (let index = 0; index < chunks && isWhole && !this.#isCancelled; index++) {
      isWhole = await this.#send(
        index % 2 === 0
          ? { type: 'response.output_audio.delta', response_id: id, delta: this.#sound(index) }
          : { type: 'response.output_audio_transcript.delta', response_id: id, delta: TRANSCRIPT },
        true,
      )
    }
    const credits = this.#voice.book(turn, this.#tellsCost && isWhole)
    const status = this.#isCancelled ? 'cancelled' : 'completed'
    const meta = metaOf(this.#voice.call, this.#voice.model, credits)
    await this.#send(this.#describeDone(id, status, turn, meta))
  }

  #describeDone(id: string, status: string, turn: Turn, meta: JsonObject): JsonObject {
    const usage = this.#voice.faults.usageNull === true ? null : describeUsage(turn)
    const response = {
      ...describeResponse(id, status),
      output: [{ content: [{ transcript: TRANSCRIPT }] }],
      ...meta,
    }
    if (!this.#voice.billsByDuration) return { type: 'response.done', response: { ...response, usage } }
    // xAI's: beside an empty one, and with the seconds of the whole session.
    const beside = usage === null ? {} : { ...usage, billable_audio_seconds: this.#voice.billableSeconds }
    return { type: 'response.done', response: { ...response, usage: {} }, usage: beside }
  }

  get #tellsCost(): boolean {
    return Object.keys(metaOf(this.#voice.call, this.#voice.model, 1)).length > 0
  }

  #sound(index: number): string {
    return this.#voice.call.random.bytes(index === 0 ? 6000 : 900).toString('base64')
  }

  #describe(): JsonObject {
    return {
      type: 'realtime',
      id: this.#id,
      object: 'realtime.session',
      model: this.#voice.model.responseModel,
      instructions: 'canary instructions',
      output_modalities: ['audio'],
      audio: {
        input: { format: { type: 'audio/pcm', rate: 24_000 }, turn_detection: null },
        output: { format: { type: 'audio/pcm', rate: 24_000 }, voice: 'canary', speed: 1 },
      },
    }
  }

  #send(event: JsonObject, isDelta = false): Promise<boolean> {
    const { type, ...rest } = event
    return this.#voice.send({ type: type ?? null, event_id: `event_${++this.#events}`, ...rest }, isDelta)
  }

  #newId(kind: string): string {
    return `${kind}_${this.#voice.call.random.nanoid()}`
  }
}

function describeResponse(id: string, status: string): JsonObject {
  return { id, object: 'realtime.response', status, status_details: null, metadata: null }
}

function describeUsage(turn: Turn): JsonObject {
  const output = outputOf(turn) + turn.reasoning
  return {
    total_tokens: inputOf(turn) + output,
    input_tokens: inputOf(turn),
    output_tokens: output,
    input_token_details: {
      text_tokens: turn.textInput,
      audio_tokens: turn.audioInput,
      image_tokens: turn.imageInput,
      cached_tokens: turn.cached,
      cached_tokens_details: { text_tokens: turn.cached, audio_tokens: 0, image_tokens: 0 },
    },
    output_token_details: { text_tokens: turn.textOutput + turn.reasoning, audio_tokens: turn.audioOutput },
  }
}

function countImages(message: JsonObject): number {
  return JSON.stringify(message).split('"input_image"').length - 1
}
