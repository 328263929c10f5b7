/** Google's protocol: JSON in binary frames, usage beside the end of each turn. */
import { metaOf, type JsonObject } from '../call.ts'
import { inputOf, outputOf, TRANSCRIPT, type Turn, type Voice } from './voice.ts'

export class GeminiConversation {
  readonly #voice: Voice
  #work: Promise<void> = Promise.resolve()

  constructor(voice: Voice) {
    this.#voice = voice
    this.#work = voice.send({ setupComplete: { sessionId: voice.call.random.nanoid() } }).then(() => {})
  }

  hear(message: JsonObject): void {
    this.#work = this.#work.then(() => this.#answer(message)).catch(() => {})
  }

  done(): Promise<void> {
    return this.#work
  }

  async #answer({ realtimeInput, clientContent }: JsonObject): Promise<void> {
    if (realtimeInput !== undefined) {
      const input = realtimeInput as JsonObject
      const data = (input['audio'] as JsonObject | undefined)?.['data']
      if (data !== undefined) this.#voice.hear({ audioBytes: Buffer.byteLength(String(data), 'base64') })
      if (input['video'] !== undefined) this.#voice.hear({ images: 1 })
      if (input['activityEnd'] !== undefined || input['audioStreamEnd'] !== undefined) await this.#respond()
    }
    if (clientContent !== undefined) {
      this.#voice.hear({ text: JSON.stringify(clientContent).length })
      if ((clientContent as JsonObject)['turnComplete'] === true) await this.#respond()
    }
  }

  async #respond(): Promise<void> {
    const turn = this.#voice.nextTurn()
    const { chunks } = this.#voice.call.behaviour
    const { random } = this.#voice.call
    await this.#voice.send({ serverContent: { inputTranscription: { text: TRANSCRIPT } } })
    let isWhole = true
    for (let index = 0; index < chunks && isWhole; index++) {
      const inlineData = { mimeType: 'audio/pcm;rate=24000', data: random.bytes(900).toString('base64') }
      isWhole = await this.#voice.send({ serverContent: { modelTurn: { parts: [{ inlineData }] } } }, true)
    }
    const tellsCost = Object.keys(metaOf(this.#voice.call, this.#voice.model, 1)).length > 0
    this.#voice.book(turn, tellsCost && isWhole)
    await this.#voice.send({ serverContent: { generationComplete: true } })
    const saysUsage = this.#voice.faults.usageNull !== true
    // Early figures of the same turn: the last ones count.
    if (saysUsage)
      await this.#voice.send({
        usageMetadata: { ...describeUsage(turn), responseTokenCount: 1, totalTokenCount: 1 },
      })
    await this.#voice.send({
      serverContent: { turnComplete: true },
      ...(saysUsage && { usageMetadata: describeUsage(turn) }),
      ...metaOf(this.#voice.call, this.#voice.model, this.#voice.credits),
    })
  }
}

function describeUsage(turn: Turn): JsonObject {
  return {
    promptTokenCount: inputOf(turn),
    cachedContentTokenCount: turn.cached,
    responseTokenCount: outputOf(turn),
    thoughtsTokenCount: turn.reasoning,
    totalTokenCount: inputOf(turn) + outputOf(turn) + turn.reasoning,
    promptTokensDetails: modalities({ TEXT: turn.textInput, AUDIO: turn.audioInput, IMAGE: turn.imageInput }),
    responseTokensDetails: modalities({ TEXT: turn.textOutput, AUDIO: turn.audioOutput }),
  }
}

function modalities(counts: Readonly<Record<string, number>>): JsonObject[] {
  return Object.entries(counts)
    .filter(([, tokenCount]) => tokenCount > 0)
    .map(([modality, tokenCount]) => ({ modality, tokenCount }))
}
