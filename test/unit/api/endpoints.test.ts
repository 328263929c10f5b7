import { assert, constantFrom, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refineRoute, routeRequest } from '../../../src/api/endpoints.ts'
import type { Route } from '../../../src/api/families.ts'

type Row = [line: string, endpoint: string, operation: string, phase: string, billing?: string]

/** Every inference path that the documentation and its OpenAPI files name. */
const DOCUMENTED: Row[] = [
  ['POST /v1/chat/completions', 'chat', 'chat', 'sync'],
  ['POST /chat/completions', 'chat', 'chat', 'sync'],
  ['POST /openai/deployments/google/gemini-2.5-pro/chat/completions', 'chat', 'chat', 'sync'],
  ['POST /openai/deployments/gpt-4o', 'chat', 'chat', 'sync'],
  ['POST /v1/responses', 'responses', 'chat', 'sync'],
  ['POST /responses', 'responses', 'chat', 'sync'],
  ['POST /v1/messages', 'messages', 'chat', 'sync'],
  ['POST /messages', 'messages', 'chat', 'sync'],
  ['POST /v1/embeddings', 'embeddings', 'embeddings', 'sync'],
  ['POST /v1/images/generations', 'image', 'image_generation', 'sync'],
  ['POST /images/generations', 'image', 'image_generation', 'sync'],
  ['POST /v1/images/generations/with-url', 'image', 'image_generation', 'sync'],
  ['POST /v1/images/edits', 'image', 'image_generation', 'sync'],
  ['POST /images/edits', 'image', 'image_generation', 'sync'],
  ['POST /v2/video/generations', 'video', 'video_generation', 'create'],
  ['GET /v2/video/generations', 'video', 'fetch_response', 'poll'],
  ['POST /v1/video/generations', 'video', 'video_generation', 'create'],
  ['POST /video/generations', 'video', 'video_generation', 'create'],
  ...['kling', 'alibaba', 'google', 'runway', 'minimax', 'bytedance', 'pixverse'].flatMap((vendor): Row[] => [
    [`POST /v2/generate/video/${vendor}/generation`, 'video', 'video_generation', 'create'],
    [`GET /v2/generate/video/${vendor}/generation`, 'video', 'fetch_response', 'poll'],
  ]),
  ['POST /v2/generate/audio', 'music', 'music_generation', 'create'],
  ['GET /v2/generate/audio', 'music', 'fetch_response', 'poll'],
  ['POST /v2/generate/audio/minimax/generate', 'music', 'music_generation', 'sync'],
  ['POST /v2/generate/audio/minimax/upload', 'music', 'music_generation', 'sync', 'if_inference'],
  ['GET /v2/generate/audio/minimax/upload', 'music', 'music_generation', 'sync', 'if_inference'],
  ['POST /v1/tts', 'speech', 'speech', 'sync'],
  ['POST /v1/stt/create', 'transcription', 'transcription', 'create'],
  ['POST /v1/stt', 'transcription', 'transcription', 'sync'],
  ['GET /v1/stt/abc', 'transcription', 'fetch_response', 'poll'],
  ['GET /stt/abc', 'transcription', 'fetch_response', 'poll'],
  ['POST /v1/ocr', 'ocr', 'ocr', 'sync'],
  ['POST /vision', 'ocr', 'ocr', 'sync'],
  ['POST /v1/batches', 'batch', 'batch', 'create'],
  ['POST /batches', 'batch', 'batch', 'create'],
  ['GET /v1/batches', 'batch', 'fetch_response', 'poll'],
  ['POST /v1/batches/cancel/msgbatch_1', 'batch', 'batch', 'sync', 'none'],
  ['POST /assistants', 'assistants', 'create_agent', 'sync', 'none'],
  ['GET /assistants', 'assistants', 'assistants', 'sync', 'none'],
  ['GET /assistants/a', 'assistants', 'assistants', 'sync', 'none'],
  ['POST /assistants/a', 'assistants', 'assistants', 'sync', 'none'],
  ['DELETE /assistants/a', 'assistants', 'assistants', 'sync', 'none'],
  ['POST /threads', 'assistants', 'assistants', 'sync', 'none'],
  ['GET /threads/t', 'assistants', 'assistants', 'sync', 'none'],
  ['POST /threads/t', 'assistants', 'assistants', 'sync', 'none'],
  ['DELETE /threads/t', 'assistants', 'assistants', 'sync', 'none'],
  ['POST /threads/t/messages', 'assistants', 'assistants', 'sync', 'none'],
  ['GET /threads/t/messages', 'assistants', 'assistants', 'sync', 'none'],
  ['GET /threads/t/messages/m', 'assistants', 'assistants', 'sync', 'none'],
  ['DELETE /threads/t/messages/m', 'assistants', 'assistants', 'sync', 'none'],
  ['POST /threads/runs', 'assistants', 'invoke_agent', 'create', 'if_inference'],
  ['POST /threads/t/runs', 'assistants', 'invoke_agent', 'create', 'if_inference'],
  ['GET /threads/t/runs', 'assistants', 'assistants', 'sync', 'none'],
  ['GET /threads/t/runs/r', 'assistants', 'fetch_response', 'poll', 'if_inference'],
  ['POST /threads/t/runs/r', 'assistants', 'assistants', 'sync', 'none'],
  ['POST /threads/t/runs/r/submit_tool_outputs', 'assistants', 'invoke_agent', 'create', 'if_inference'],
  ['POST /threads/t/runs/r/cancel', 'assistants', 'assistants', 'sync', 'none'],
  ['GET /threads/t/runs/r/steps', 'assistants', 'assistants', 'sync', 'none'],
  ['GET /threads/t/runs/r/steps/s', 'assistants', 'assistants', 'sync', 'none'],
  ['POST /v1/files', 'assistants', 'assistants', 'sync', 'none'],
]

/** What the API has got since, and the OpenAI spellings that clients use. */
const NEWER: Row[] = [
  ['POST /v1/completions', 'chat', 'text_completion', 'sync'],
  ['GET /v1/chat/completions/chatcmpl-1', 'chat', 'fetch_response', 'poll'],
  ['GET /v1/chat/completions/chatcmpl-1/messages', 'chat', 'fetch_response', 'sync', 'none'],
  ['DELETE /v1/chat/completions/chatcmpl-1', 'chat', 'chat', 'sync', 'none'],
  ['GET /v1/responses/resp_1', 'responses', 'fetch_response', 'poll'],
  ['POST /v1/responses/resp_1/cancel', 'responses', 'fetch_response', 'poll'],
  ['GET /v1/responses/resp_1/input_items', 'responses', 'fetch_response', 'sync', 'none'],
  ['DELETE /v1/responses/resp_1', 'responses', 'chat', 'sync', 'none'],
  ['POST /v1/messages/count_tokens', 'messages', 'chat', 'sync', 'none'],
  ['POST /v1/decisions', 'decisions', 'decide', 'sync'],
  ['POST /v1/tools/run', 'tools', 'execute_tool', 'create'],
  ['GET /v1/tools/runs/Xa0b', 'tools', 'fetch_response', 'poll'],
  ['POST /v1/tools/search', 'tools', 'tools', 'sync', 'none'],
  ['POST /v1/tools/inspect', 'tools', 'tools', 'sync', 'none'],
  ['GET /v1/tools/web%2Fsearch/definition', 'tools', 'tools', 'sync', 'none'],
  ['POST /v1/audio/speech', 'speech', 'speech', 'sync'],
  ['POST /v1/audio/transcriptions', 'transcription', 'transcription', 'sync'],
  ['POST /v1/audio/translations', 'transcription', 'transcription', 'sync'],
  ['POST /v2/generate/audio/preprocess', 'music', 'music_generation', 'sync', 'if_inference'],
  ['POST /v1/videos', 'video', 'video_generation', 'create'],
  ['POST /v1/videos/video_1/remix', 'video', 'video_generation', 'create'],
  ['GET /v1/videos/video_1', 'video', 'fetch_response', 'poll'],
  ['GET /v1/videos/video_1/content', 'video', 'fetch_response', 'sync', 'none'],
  ['GET /v1/videos', 'video', 'fetch_response', 'sync', 'none'],
  ['GET /v1/batches/batch_1', 'batch', 'fetch_response', 'poll'],
  ['GET /v1/batches/batch_1/results', 'batch', 'fetch_response', 'poll'],
  ['POST /v1/batches/batch_1/cancel', 'batch', 'batch', 'sync', 'none'],
]

const UNKNOWN: Row[] = [
  ['POST /v1/rerank', 'other', 'other', 'sync', 'if_inference'],
  ['GET /v1/chat/completions', 'other', 'other', 'sync', 'if_inference'],
  ['GET /', 'other', 'other', 'sync', 'if_inference'],
  ['POST /v1/notchat/completionsx', 'other', 'other', 'sync', 'if_inference'],
]

const NOT_CALLS = [
  'GET /v1/billing/balance',
  'GET /v2/billing',
  'GET /v2/billing/detail',
  'GET /v2/billing/transactions?limit=100',
  'GET /v2/usage?period=1d',
  'GET /v2/usage/detail',
  'GET /v2/logs?limit=1',
  'GET /v1/key',
  'GET /v1/keys',
  'POST /v1/keys',
  'PATCH /v1/keys/b747e891',
  'PUT /v1/keys/b747e891',
  'DELETE /v1/keys/b747e891',
  'GET /v1/models?include=pricing',
  'GET /models',
  'GET /api/v1/models',
  'GET /models/metrics?aliases=a',
  'GET /model/openai/gpt-4o',
  'GET //v2/billing',
  'POST /v2/billing/topup',
  'GET /docs-json?model=a',
  'GET /docs-yaml',
  'GET /docs-public-yaml',
  ...['/models', '/v1/models', '/api/v1/models'].flatMap((models) => [
    `GET ${models}/deprecations?status=withdrawn`,
    `GET ${models}/deprecated`,
  ]),
  'POST /v1/realtime/client_secrets',
  'POST /v1/realtime/sessions',
  'POST /v1/realtime/transcription_sessions',
  'POST /openai/v1/realtime/client_secrets',
  'POST /v1alpha/auth_tokens',
  'POST /v1beta/auth_tokens',
  'POST /v1/auth_tokens',
  'POST /v1alpha/auth_tokens:create',
  'POST /v1/client_secrets',
  'POST /v1/auth/token',
  'POST /oauth/token',
  'POST /v3/agent-auth/token',
  'GET /docs',
  'GET /docs/swagger-ui.css',
  'GET /openapi.json',
]

function route(line: string): Route | undefined {
  const [method = '', path = ''] = line.split(' ')
  return routeRequest(method, path)
}

describe('a request', () => {
  it.each([...DOCUMENTED, ...NEWER, ...UNKNOWN])(
    '%s is %s, %s, %s',
    (line, endpoint, operation, phase, billing = 'always') => {
      expect(route(line)).toMatchObject({ endpoint, operation, phase, billing })
    },
  )

  it.each([...DOCUMENTED, ...NEWER])(
    '%s is the same with any version prefix, slash or query',
    (line, endpoint, operation) => {
      const [method, path = ''] = line.split(' ')
      const bare = path.replace(/^\/v\d/, '')
      for (const spelled of [
        bare,
        `/v1${bare}`,
        `/v2${bare}`,
        `/api/v1${bare}`,
        `/v1${bare}/`,
        `//v1${bare}?a=b`,
      ]) {
        expect(route(`${method} ${spelled}`)).toMatchObject({ endpoint, operation })
      }
    },
  )

  it.each(NOT_CALLS)('%s is no call', (line) => {
    expect(route(line)).toBeUndefined()
  })

  it('to an unknown path behind a proxy is known by the end of its path', () => {
    expect(route('POST /gateway/aiml/v1/chat/completions')).toMatchObject({ endpoint: 'chat' })
    expect(route('POST /gateway/v1/threads/t/messages')).toMatchObject({ endpoint: 'assistants' })
  })

  it('in the Azure style names its model, slashes and all', () => {
    expect(
      route('POST /openai/deployments/google/gemini-2.5-pro/chat/completions?api-version=1')?.model,
    ).toBe('google/gemini-2.5-pro')
    expect(route('POST /v1/openai/deployments/a%2Fb%20c/chat/completions')?.model).toBe('a/b c')
    expect(route('POST /openai/deployments/gpt-4o')).toMatchObject({ endpoint: 'chat', model: 'gpt-4o' })
  })

  it.each([
    ['embeddings', 'embeddings', 'embeddings'],
    ['completions', 'chat', 'text_completion'],
    ['images/generations', 'image', 'image_generation'],
    ['audio/speech', 'speech', 'speech'],
    ['audio/transcriptions', 'transcription', 'transcription'],
  ])('in the Azure style may be of any family: %s', (path, endpoint, operation) => {
    for (const model of ['x', 'vendor/x']) {
      const found = route(`POST /openai/deployments/${model}/${path}?api-version=1`)
      expect(found).toMatchObject({ endpoint, operation, model })
    }
  })

  it('of a family billed by tokens, or of tools and agents, says so', () => {
    expect(route('POST /v1/decisions')).toMatchObject({ billedBy: 'tokens' })
    expect(route('POST /v1/tts')).toMatchObject({ billedBy: 'result' })
    expect(route('POST /v1/tools/run')).toMatchObject({ modelKey: 'tool' })
    expect(route('POST /v1/chat/completions')).not.toHaveProperty('modelKey')
  })

  it('says what its family produces', () => {
    expect(route('POST /v1/tts')?.outputType).toBe('speech')
    expect(route('POST /v2/video/generations')?.outputType).toBe('video')
    expect(route('POST /v1/chat/completions')?.outputType).toBeUndefined()
  })
})

it("a call of Google's clients under the path of its model is one, and reading the model is none", () => {
  for (const verb of ['generateContent', 'streamGenerateContent', 'embedContent'])
    expect(route(`POST /v1beta/models/google/gemini:${verb}?alt=sse`)?.endpoint).toBe('other')
  expect(route('POST /v1beta/models/gemini:countTokens')).toBeUndefined()
  expect(route('GET /v1/models/google/gemini:free')).toBeUndefined()
})

describe('a poll', () => {
  it.each([
    ['GET /v2/video/generations?generation_id=V1StGXR8Z5jdHi6BmyT8k', 'V1StGXR8Z5jdHi6BmyT8k'],
    ['GET /v2/video/generations?x=1&generation_id=video_1%3Aopenai%2Fsora-2&y=2', 'video_1:openai/sora-2'],
    ['GET /v2/video/generations?generation_id=349:minimax/hailuo', '349:minimax/hailuo'],
    ['GET /v2/video/generations?generation_id=50%', '50%'],
    ['GET /v2/video/generations?generation_id=a+b', 'a+b'],
    ['GET /v1/stt/fx%3Avendor%2Fmodel', 'fx:vendor/model'],
    ['GET /stt/fx:vendor/model?x=1', 'fx:vendor/model'],
    ['GET /v1/batches?batch_id=msgbatch_1', 'msgbatch_1'],
    ['GET /threads/t/runs/run_1', 'run_1'],
    ['GET /v1/responses/resp_1?stream=true', 'resp_1'],
    ['GET /v1/chat/completions/chatcmpl-1', 'chatcmpl-1'],
    ['GET /v1/batches/msgbatch_1/results', 'msgbatch_1'],
    ['GET /v1/videos/video_1%3Aopenai%2Fsora-2', 'video_1:openai/sora-2'],
    ['GET /v1/tools/runs/Xa0bYc1d', 'Xa0bYc1d'],
  ])('%s asks for %s', (line, generationId) => {
    expect(route(line)).toMatchObject({ phase: 'poll', generationId })
  })

  it('without an id, with an empty one or an endless one names no job', () => {
    expect(route('GET /v2/video/generations')?.generationId).toBeUndefined()
    expect(route('GET /v2/video/generations?generation_id=')?.generationId).toBeUndefined()
    expect(route(`GET /v2/video/generations?generation_id=${'x'.repeat(300)}`)?.generationId).toBeUndefined()
  })

  it('alone has the id: a create with the same parameter has none', () => {
    expect(route('POST /v2/video/generations?generation_id=x')?.generationId).toBeUndefined()
  })
})

describe('the model', () => {
  const image = routeRequest('POST', '/v1/images/generations') as Route

  it.each([
    'triposr',
    'tencent/hunyuan-part',
    'Hunyuan-Part',
    'meshy/meshy-6-image-to-3d',
    'meshy/v6/image-to-3d',
  ])('%s makes a mesh of an image call', (model) => {
    expect(refineRoute(image, model)).toEqual({
      ...image,
      endpoint: '3d',
      operation: '3d_generation',
      outputType: '3d',
    })
  })

  it('of an image, or none, changes nothing', () => {
    expect(refineRoute(image, 'flux/schnell')).toBe(image)
    expect(refineRoute(image, undefined)).toBe(image)
  })

  it('changes nothing in another family', () => {
    const chat = routeRequest('POST', '/v1/chat/completions') as Route
    expect(refineRoute(chat, 'triposr')).toBe(chat)
  })
})

it('any method and path is a call or none, and never a throw', () => {
  assert(
    property(constantFrom('GET', 'POST', 'PATCH', ''), string({ unit: 'binary' }), (method, path) => {
      const found = routeRequest(method, `/${path}`)
      expect(found === undefined || found.endpoint.length > 0).toBe(true)
    }),
  )
})
