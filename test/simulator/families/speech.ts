/** Speech: JSON with a link, or binary `audio/wav`, which says nothing of its cost anywhere. */
import { json, metaOf, Refusal, requiredModel, type Answer, type Call } from '../call.ts'
import { creditsFor, modelFor } from '../models.ts'

const WAV_HEADER_BYTES = 44
const BYTES_PER_CHARACTER = 1200
const MAX_AUDIO_BYTES = 256 * 1024

function wav(call: Call, characters: number): Buffer[] {
  const size = Math.min(MAX_AUDIO_BYTES, characters * BYTES_PER_CHARACTER)
  const header = Buffer.alloc(WAV_HEADER_BYTES)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + size, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(24_000, 24)
  header.writeUInt32LE(48_000, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(size, 40)
  const audio = Buffer.alloc(size, call.random.bytes(512))
  const count = Math.max(1, call.behaviour.chunks)
  const step = Math.max(1, Math.ceil(size / count))
  const chunks = [header]
  for (let start = 0; start < size; start += step) chunks.push(audio.subarray(start, start + step))
  return chunks
}

export function speech(call: Call): Answer {
  const model = modelFor(requiredModel(call), 'speech')
  const { stream } = call.body
  // OpenAI's spelling of the path calls it `input`.
  const text = call.body['text'] ?? call.body['input']
  if (typeof text !== 'string') {
    throw new Refusal(400, `Body validation error: text: Expected string, received '${JSON.stringify(text)}'`)
  }
  const characters = Math.max(1, text.length)
  const credits = call.behaviour.credits ?? creditsFor(model.price, { characters })
  call.billing.requireFunds(call, credits)
  const charge = call.billing.charge(call, model, { credits })
  if (stream === true) return { kind: 'binary', contentType: 'audio/wav', chunks: wav(call, characters) }
  return json(
    {
      audio: {
        url: `https://cdn.aimlapi.com/generations/${call.random.uuid()}.wav?Signature=${call.random.hex(28)}`,
      },
      ...(model.traits.usage === 'characters' ? { usage: { characters } } : {}),
      ...metaOf(call, model, credits),
    },
    charge,
  )
}
