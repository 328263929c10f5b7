/** Images and 3D meshes, which share one path: the model decides. */
import { json, metaOf, Refusal, requiredModel, type Answer, type Call, type JsonObject } from '../call.ts'
import { creditsFor, modelFor, MODELS, type Model } from '../models.ts'
import { answeringHeaders } from './router.ts'

const MESH_MODELS = new Set(MODELS.filter((model) => model.family === '3d').map((model) => model.name))

function resultUrl(call: Call, extension: string): string {
  const signature = `Expires=1767960111&OSSAccessKeyId=canary-access-key&Signature=${call.random.hex(28)}`
  return `https://cdn.aimlapi.com/generations/${call.random.uuid()}.${extension}?${signature}`
}

/** One synchronous answer after minutes, without `data` and without a model of its own. */
function meshy(call: Call): JsonObject {
  const glb = { url: resultUrl(call, 'glb'), content_type: 'model/gltf-binary', file_size: 3_100_044 }
  return {
    model_glb: glb,
    model_urls: { glb, stl: null },
    texture_urls: [],
    seed: call.random.integer(1, 9999),
  }
}

function mesh(call: Call, model: Model): Answer {
  const credits = call.behaviour.credits ?? creditsFor(model.price, { items: 1 })
  call.billing.requireFunds(call, credits)
  const charge = call.billing.charge(call, model, { credits })
  const model_mesh = {
    url: resultUrl(call, 'glb'),
    content_type: 'application/octet-stream',
    file_name: 'model.glb',
    file_size: 1_291_912,
  }
  const older = {
    model_mesh,
    timings: { prepare: 3.68, generation: 0.07, export: 0.69 },
    remeshing_dir: null,
  }
  const answer = json(
    {
      ...(model.traits.answeredBy === undefined ? older : meshy(call)),
      requestId: call.random.uuid(),
      ...metaOf(call, model, credits),
    },
    charge,
  )
  return { ...answer, headers: answeringHeaders(model) }
}

function usageOf(model: Model, input: number, output: number): JsonObject {
  if (model.traits.usage === 'null') return { usage: null }
  if (model.traits.usage !== 'image-tokens') return {}
  return {
    usage: {
      input_tokens: input,
      input_tokens_details: { image_tokens: 0, text_tokens: input },
      output_tokens: output,
      total_tokens: input + output,
    },
  }
}

export function image(call: Call): Answer {
  const name = requiredModel(call)
  if (MESH_MODELS.has(name)) return mesh({ ...call, family: '3d' }, modelFor(name, '3d'))
  const model = modelFor(name, 'image')
  const { prompt, n, num_images } = call.body
  if (prompt !== undefined && typeof prompt !== 'string') {
    throw new Refusal(
      400,
      `Body validation error: prompt: Expected string, received '${JSON.stringify(prompt)}'`,
    )
  }
  const count = Number(n ?? num_images ?? 1) || 1
  const byTokens = model.traits.usage === 'image-tokens'
  const input = byTokens ? (call.behaviour.input ?? Math.ceil((prompt ?? '').length / 4) + 4) : 0
  const output = byTokens ? (call.behaviour.output ?? count * 272) : 0
  const credits =
    call.behaviour.credits ??
    creditsFor(model.price, { items: count, inputTokens: input, outputTokens: output })
  call.billing.requireFunds(call, credits)
  const charge = call.billing.charge(call, model, { credits, tokens: { input, output } })
  const images = Array.from({ length: count }, () => ({ url: resultUrl(call, 'png') }))
  const legacy = model.traits.meta === 'legacy'
  return json(
    {
      ...(legacy
        ? {
            images: images.map((one) => ({ ...one, content_type: 'image/png' })),
            timings: { inference: 0.345 },
          }
        : { created: call.requestedAt, data: images, model: model.responseModel }),
      ...usageOf(model, input, output),
      ...metaOf(call, model, credits),
    },
    charge,
  )
}
