/** Transcription: create (JSON or multipart) and poll, in each vendor's shape; and the older synchronous path. */
import { json, metaOf, requiredModel, type Answer, type Call, type JsonObject } from '../call.ts'
import { echoedId } from '../jobs.ts'
import { creditsFor, modelFor, type Model } from '../models.ts'
import { polledJob, tellsCost } from './generation.ts'

const TEXT = 'canary transcript of what somebody said'

interface Heard {
  readonly seconds: number
  readonly input: number
  readonly output: number
  readonly credits: number
}

function listen(call: Call, model: Model): Heard {
  const seconds = Number((call.random.next() * 60 + 3).toFixed(3))
  const byTokens = model.traits.transcript === 'tokens'
  const input = byTokens ? (call.behaviour.input ?? Math.ceil(seconds * 10)) : 0
  const output = byTokens ? (call.behaviour.output ?? call.random.integer(10, 90)) : 0
  const used = byTokens ? { inputTokens: input, outputTokens: output } : { seconds: Math.ceil(seconds) }
  return { seconds, input, output, credits: call.behaviour.credits ?? creditsFor(model.price, used) }
}

function transcript(call: Call, model: Model, heard: Heard): JsonObject {
  switch (model.traits.transcript) {
    case 'tokens':
      return {
        text: TEXT,
        usage: {
          type: 'tokens',
          total_tokens: heard.input + heard.output,
          input_tokens: heard.input,
          input_token_details: { text_tokens: 0, audio_tokens: heard.input },
          output_tokens: heard.output,
        },
      }
    case 'seconds':
      return { text: TEXT, usage: { seconds: Math.ceil(heard.seconds), cost: 0.0011 } }
    case 'assembly':
      return {
        id: call.random.uuid(),
        language_model: 'assemblyai_default',
        status: 'completed',
        audio_url: 'https://canary.example.invalid/audio.mp3',
        text: TEXT,
        audio_duration: Math.ceil(heard.seconds),
      }
    case 'deepgram':
      return {
        metadata: { request_id: call.random.uuid(), duration: heard.seconds, channels: 1 },
        results: { channels: [{ alternatives: [{ transcript: TEXT, confidence: 0.99, words: [] }] }] },
      }
  }
}

/** Vendors put the transcript under `result`, under `output`, or flat. */
function placed(model: Model, result: JsonObject): JsonObject {
  switch (model.traits.transcript) {
    case 'tokens':
      return { output: result }
    case 'seconds':
      return result
    case 'assembly':
    case 'deepgram':
      return { result }
  }
}

export function createTranscription(call: Call): Answer {
  const model = modelFor(requiredModel(call), 'transcription')
  const heard = listen(call, model)
  const tokens = { input: heard.input, output: heard.output }
  call.billing.requireFunds(call, heard.credits)
  const result = transcript(call, model, heard)
  const job = call.jobs.create({ call, model, charge: { credits: heard.credits, tokens }, result })
  const told = call.behaviour.report === 'create' || call.behaviour.report === 'create-and-polls'
  const meta = told ? metaOf(call, model, heard.credits) : {}
  return json({ [model.traits.idField]: job.id, status: 'queued', ...meta }, told ? job.held : undefined)
}

export function pollTranscription(call: Call): Answer {
  const job = polledJob(call)
  const status = call.jobs.poll(job)
  const told = tellsCost(job, status) && status !== 'error'
  const body: JsonObject = {
    id: job.id,
    status,
    ...(status === 'completed' ? placed(job.model, job.result) : {}),
    ...(status === 'error'
      ? { error: { name: 'TranscriptionError', message: 'canary: file not readable' } }
      : {}),
    ...(told ? metaOf({ ...call, behaviour: job.behaviour }, job.model, job.held.credits) : {}),
  }
  return { ...json(body, told ? job.held : undefined), inferenceId: echoedId(job.id) }
}

export function transcribeAtOnce(call: Call): Answer {
  const model = modelFor(requiredModel(call), 'transcription')
  const heard = listen(call, model)
  call.billing.requireFunds(call, heard.credits)
  const tokens = { input: heard.input, output: heard.output }
  const charge = call.billing.charge(call, model, { credits: heard.credits, tokens })
  return json({ ...transcript(call, model, heard), ...metaOf(call, model, heard.credits) }, charge)
}
