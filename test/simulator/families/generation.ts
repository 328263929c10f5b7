/** Video and music: create and poll, in the current and in the vendors' older paths. */
import { json, metaOf, Refusal, requiredModel, type Answer, type Call, type JsonObject } from '../call.ts'
import { echoedId, type Job } from '../jobs.ts'
import { creditsFor, modelFor, type Family } from '../models.ts'

const DEFAULT_SECONDS = 5

function costOfJob(call: Call, family: Family, name: string): number {
  const { duration, seconds } = call.body
  const model = modelFor(name, family)
  const length = Number(duration ?? seconds ?? DEFAULT_SECONDS) || DEFAULT_SECONDS
  return call.behaviour.credits ?? creditsFor(model.price, { seconds: length, items: 1 })
}

function resultOf(call: Call, family: Family): JsonObject {
  const query = `Expires=1767960111&Signature=${call.random.hex(28)}`
  const url = `https://cdn.aimlapi.com/generations/${call.random.uuid()}`
  if (family === 'music') {
    const details = { music_duration: 107_102, music_sample_rate: 44_100, music_channel: 2, bitrate: 25_600 }
    return { audio_file: { url: `${url}.mp3?${query}` }, extra_info: details, trace_id: call.random.hex(32) }
  }
  return { video: { url: `${url}.mp4?${query}` } }
}

function create(call: Call, family: Family): Answer {
  const name = requiredModel(call)
  const model = modelFor(name, family)
  const credits = costOfJob(call, family, name)
  call.billing.requireFunds(call, credits)
  const job = call.jobs.create({ call, model, charge: { credits }, result: resultOf(call, family) })
  const told = call.behaviour.report === 'create' || call.behaviour.report === 'create-and-polls'
  return json(
    { [model.traits.idField]: job.id, status: 'queued', ...(told ? metaOf(call, model, credits) : {}) },
    told ? job.held : undefined,
  )
}

/** The job a poll names, of the account that polls. @throws Refusal 400 without an id, 404 for an unknown one. */
export function polledJob(call: Call): Job {
  const id = call.parameters['id'] ?? call.query.get('generation_id') ?? call.query.get('id')
  if (id === null || id === '') throw new Refusal(400, 'Body validation error: generation_id: Required')
  const job = call.jobs.get(id)
  if (job === undefined || job.account !== call.key.account.name)
    throw new Refusal(404, 'Generation not found')
  return job
}

/** Whether this poll repeats the cost. */
export function tellsCost(job: Job, status: string): boolean {
  const { report } = job.behaviour
  return report === 'create-and-polls' || (report === 'final-poll' && status === 'completed')
}

function poll(call: Call): Answer {
  const job = polledJob(call)
  const status = call.jobs.poll(job)
  // A failed job costs nothing, so there is nothing to repeat.
  const told = tellsCost(job, status) && status !== 'error'
  const body: JsonObject = {
    [job.model.traits.idField]: job.id,
    status: status === 'completed' ? job.model.traits.completedStatus : status,
    ...(status === 'completed' ? job.result : {}),
    ...(status === 'error'
      ? { error: { name: 'GenerationError', message: 'canary: the prompt was refused' } }
      : {}),
    ...(told ? metaOf({ ...call, behaviour: job.behaviour }, job.model, job.held.credits) : {}),
  }
  return { ...json(body, told ? job.held : undefined), inferenceId: echoedId(job.id) }
}

export const createVideo = (call: Call): Answer => create(call, 'video')
export const pollVideo = poll
export const createMusic = (call: Call): Answer => create(call, 'music')
export const pollMusic = poll

/** MiniMax's older music path: a reference upload is free, the song comes at once. */
export function minimaxUpload(call: Call): Answer {
  return {
    ...json({
      voice_id: `vocal-${call.random.hex(16)}`,
      instrumental_id: `instrumental-${call.random.hex(16)}`,
      trace_id: call.random.hex(32),
      base_resp: { status_code: 0, status_msg: 'success' },
    }),
    inferenceId: null,
  }
}

/** A cover's first step. Whether it is charged is not documented: here it is free. */
export function preprocess(call: Call): Answer {
  requiredModel(call)
  const feature = { cover_feature_id: `cf_${call.random.hex(12)}`, audio_duration: 74.2 }
  return {
    ...json({ ...feature, formatted_lyrics: '[Verse] la', structure_result: '[]' }),
    inferenceId: null,
  }
}

export function minimaxGenerate(call: Call): Answer {
  const name = requiredModel(call)
  const model = modelFor(name, 'music')
  const credits = costOfJob(call, 'music', name)
  call.billing.requireFunds(call, credits)
  const charge = call.billing.charge(call, model, { credits })
  const base = { data: { status: 2, audio: call.random.hex(256) }, trace_id: call.random.hex(32) }
  return json({ ...base, ...resultOf(call, 'music'), ...metaOf(call, model, credits) }, charge)
}
