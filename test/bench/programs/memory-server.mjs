// Bodies that stop half-way and stay open, and huge ones; each kind on a port of its own.
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { createChatEvents, createHead } from './answers.mjs'
import { serveAnswers } from './http-server.mjs'

const MEGABYTE = 1024 * 1024
const BODY_BYTES = 64 * 1024
const HUGE_BYTES = 100 * MEGABYTE
/** Compressing more would take longer than measuring. */
const HUGE_GZIP_BYTES = 20 * MEGABYTE
const JSON_TYPE = 'content-type: application/json'
const EVENTS_TYPE = 'content-type: text/event-stream'
const USAGE = '],"usage":{"prompt_tokens":19,"completion_tokens":10},"meta":{"usage":{"credits_used":42}}}'

/** A chat's JSON of that length, whose contents do not compress well. */
function createJson(length) {
  const start = '{"model":"gpt-4o","choices":["'
  const content = randomBytes(Math.ceil(length * 0.75)).toString('base64')
  return Buffer.from(`${start}${content.slice(0, length - start.length - USAGE.length - 1)}"${USAGE}`)
}

function createEvents(length) {
  const events = createChatEvents(5)
  const content = Buffer.concat([events[0], ...Array.from({ length: 100 }, () => createWord())])
  const times = Math.max(1, Math.floor(length / content.length))
  return Buffer.concat([...Array.from({ length: times }, () => content), ...events.slice(2)])
}

function createWord() {
  const content = randomBytes(9).toString('base64')
  return Buffer.from(`data: {"model":"gpt-4o","choices":[{"index":0,"delta":{"content":"${content}"}}]}\n\n`)
}

/** @param share of the body that is sent before the server falls silent. */
function createAnswer(type, body, { gzip = false, share = 1 } = {}) {
  const bytes = gzip ? gzipSync(body, { level: 1 }) : body
  const encoding = gzip ? ['content-encoding: gzip'] : []
  const head = createHead(type, `content-length: ${bytes.length}`, ...encoding, 'x-inference-id: held')
  const sent = bytes.subarray(0, Math.floor(bytes.length * share))
  return (socket) => {
    socket.write(head)
    socket.write(sent)
  }
}

const HALF = { share: 0.5 }
const GZIP_HALF = { gzip: true, share: 0.5 }
const hugeJson = createJson(HUGE_BYTES)

const ANSWERS = {
  'held-json': createAnswer(JSON_TYPE, createJson(BODY_BYTES), HALF),
  'held-events': createAnswer(EVENTS_TYPE, createEvents(BODY_BYTES), HALF),
  'held-gzip-json': createAnswer(JSON_TYPE, createJson(BODY_BYTES), GZIP_HALF),
  'held-gzip-events': createAnswer(EVENTS_TYPE, createEvents(BODY_BYTES), GZIP_HALF),
  'held-huge-json': createAnswer(JSON_TYPE, hugeJson, HALF),
  'held-huge-gzip': createAnswer(JSON_TYPE, createJson(HUGE_GZIP_BYTES), GZIP_HALF),
  'huge-json': createAnswer(JSON_TYPE, hugeJson),
  'huge-events': createAnswer(EVENTS_TYPE, createEvents(HUGE_BYTES)),
}

await serveAnswers(ANSWERS)
