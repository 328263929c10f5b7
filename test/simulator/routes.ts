/** One row per method and path of the inference API. Adding an endpoint is adding a row. */
import type { Handler } from './call.ts'
import type { Family } from './models.ts'
import { assistantObject, assistantRun, fetchRun } from './families/assistants.ts'
import { cancelBatch, createBatch, fetchBatch } from './families/batch.ts'
import { chat, fetchStored, undocumented } from './families/chat.ts'
import { decide } from './families/decisions.ts'
import { embeddings } from './families/embeddings.ts'
import {
  createMusic,
  createVideo,
  minimaxGenerate,
  minimaxUpload,
  pollMusic,
  pollVideo,
  preprocess,
} from './families/generation.ts'
import { image } from './families/image.ts'
import { messages } from './families/messages.ts'
import { ocr } from './families/ocr.ts'
import { fetchResponse, responses } from './families/responses.ts'
import { speech } from './families/speech.ts'
import { inspectTool, pollTool, runTool, searchTools } from './families/tools.ts'
import { createTranscription, pollTranscription, transcribeAtOnce } from './families/transcription.ts'

export interface RouteRow {
  readonly family: Family
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Matched against the path without its version prefix (`/v1`, `/v2`, `/api/v1`). */
  readonly path: RegExp
  readonly handle: Handler
}

const VIDEO_VENDOR = /^\/generate\/video\/(?<vendor>[a-z]+)\/generation$/

export const ROUTES: readonly RouteRow[] = [
  { family: 'chat', method: 'POST', path: /^\/chat\/completions$/, handle: chat },
  { family: 'chat', method: 'GET', path: /^\/chat\/completions\/(?<id>[^/]+)$/, handle: fetchStored },
  { family: 'chat', method: 'POST', path: /^\/completions$/, handle: undocumented },
  {
    family: 'chat',
    method: 'POST',
    path: /^\/openai\/deployments\/(?<model>.+)\/chat\/completions$/,
    handle: chat,
  },
  { family: 'responses', method: 'POST', path: /^\/responses$/, handle: responses },
  { family: 'responses', method: 'GET', path: /^\/responses\/(?<id>[^/]+)$/, handle: fetchResponse },
  { family: 'decisions', method: 'POST', path: /^\/decisions$/, handle: decide },
  { family: 'tools', method: 'POST', path: /^\/tools\/run$/, handle: runTool },
  { family: 'tools', method: 'GET', path: /^\/tools\/runs\/(?<id>[^/]+)$/, handle: pollTool },
  { family: 'tools', method: 'POST', path: /^\/tools\/search$/, handle: searchTools },
  { family: 'tools', method: 'POST', path: /^\/tools\/inspect$/, handle: inspectTool },
  { family: 'messages', method: 'POST', path: /^\/messages$/, handle: messages },
  { family: 'batch', method: 'POST', path: /^\/batches$/, handle: createBatch },
  { family: 'batch', method: 'GET', path: /^\/batches\/(?<id>[^/]+)$/, handle: fetchBatch },
  { family: 'batch', method: 'GET', path: /^\/batches$/, handle: fetchBatch },
  { family: 'batch', method: 'POST', path: /^\/batches\/cancel\/(?<id>[^/]+)$/, handle: cancelBatch },
  { family: 'embeddings', method: 'POST', path: /^\/embeddings$/, handle: embeddings },
  { family: 'image', method: 'POST', path: /^\/images\/generations(?:\/with-url)?$/, handle: image },
  { family: 'image', method: 'POST', path: /^\/images\/edits$/, handle: image },
  { family: 'video', method: 'POST', path: /^\/video\/generations$/, handle: createVideo },
  { family: 'video', method: 'GET', path: /^\/video\/generations$/, handle: pollVideo },
  { family: 'video', method: 'POST', path: /^\/videos$/, handle: createVideo },
  { family: 'video', method: 'GET', path: /^\/videos\/(?<id>[^/]+)$/, handle: pollVideo },
  { family: 'video', method: 'POST', path: VIDEO_VENDOR, handle: createVideo },
  { family: 'video', method: 'GET', path: VIDEO_VENDOR, handle: pollVideo },
  { family: 'music', method: 'POST', path: /^\/generate\/audio$/, handle: createMusic },
  { family: 'music', method: 'GET', path: /^\/generate\/audio$/, handle: pollMusic },
  { family: 'music', method: 'POST', path: /^\/generate\/audio\/preprocess$/, handle: preprocess },
  { family: 'music', method: 'POST', path: /^\/generate\/audio\/minimax\/upload$/, handle: minimaxUpload },
  {
    family: 'music',
    method: 'POST',
    path: /^\/generate\/audio\/minimax\/generate$/,
    handle: minimaxGenerate,
  },
  { family: 'speech', method: 'POST', path: /^\/audio\/speech$/, handle: speech },
  { family: 'speech', method: 'POST', path: /^\/tts$/, handle: speech },
  { family: 'transcription', method: 'POST', path: /^\/stt\/create$/, handle: createTranscription },
  { family: 'transcription', method: 'GET', path: /^\/stt\/(?<id>[^/]+)$/, handle: pollTranscription },
  {
    family: 'transcription',
    method: 'POST',
    path: /^\/audio\/transcriptions$/,
    handle: transcribeAtOnce,
  },
  { family: 'transcription', method: 'POST', path: /^\/stt$/, handle: transcribeAtOnce },
  { family: 'ocr', method: 'POST', path: /^\/ocr$/, handle: ocr },
  { family: 'ocr', method: 'POST', path: /^\/vision$/, handle: ocr },
  {
    family: 'assistants',
    method: 'POST',
    path: /^\/threads\/(?<id>[^/]+)\/runs$/,
    handle: assistantRun,
  },
  { family: 'assistants', method: 'POST', path: /^\/threads\/runs$/, handle: assistantRun },
  {
    family: 'assistants',
    method: 'GET',
    path: /^\/threads\/(?<id>[^/]+)\/runs\/(?<run>[^/]+)$/,
    handle: fetchRun,
  },
  ...(['GET', 'POST', 'DELETE'] as const).flatMap((method): RouteRow[] => [
    {
      family: 'assistants',
      method,
      path: /^\/(?<collection>assistants|threads|files)(?:\/(?<id>[^/]+))?$/,
      handle: assistantObject,
    },
    {
      family: 'assistants',
      method,
      path: /^\/threads\/(?<thread>[^/]+)\/(?<collection>messages)(?:\/(?<id>[^/]+))?$/,
      handle: assistantObject,
    },
  ]),
  { family: 'other', method: 'POST', path: /^\/rerank$/, handle: undocumented },
]

const VERSION_PREFIX = /^(?:\/api)?\/v[12](?=\/)/

export interface RouteMatch {
  readonly row: RouteRow
  readonly parameters: Readonly<Record<string, string>>
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export function matchRoute(method: string, path: string): RouteMatch | undefined {
  const bare = path.replace(VERSION_PREFIX, '')
  for (const row of ROUTES) {
    if (row.method !== method) continue
    const found = row.path.exec(bare)
    if (found === null) continue
    const entries = Object.entries(found.groups ?? {}).filter((entry) => entry[1] !== undefined)
    return { row, parameters: Object.fromEntries(entries.map(([name, value]) => [name, decoded(value)])) }
  }
  return undefined
}
