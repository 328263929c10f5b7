// One figure about memory, in a process of its own: with the package or without.
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { request } from 'undici'
import { AimlapiInstrumentation } from '../../../dist/index.mjs'
import { flushSpans, provide } from './telemetry.mjs'
import { API_KEY } from './workloads.mjs'

const { measure, origin, observed, calls } = JSON.parse(process.argv[2])
const REQUEST = {
  method: 'POST',
  headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'gpt-4o', stream: true, messages: [{ role: 'user', content: 'Rivers?' }] }),
}
const QUIET_MS = 400
const LANES = 16
const WARM_UP_CALLS = 5000

const instrumentation = new AimlapiInstrumentation({
  enabled: false,
  apiKey: API_KEY,
  baseUrls: [origin],
  balance: false,
})
provide(instrumentation)
if (observed) instrumentation.enable()

function post() {
  return fetch(`${origin}/v1/chat/completions`, REQUEST)
}

/** Reads, throws away, and says that something came. */
async function drain(response, onChunk = () => {}) {
  for await (const chunk of response.body) onChunk(chunk)
}

async function collect() {
  await instrumentation.forceFlush()
  await flushSpans()
  for (let times = 0; times < 4; times++) {
    globalThis.gc()
    await setTimeout(20)
  }
}

async function readKeptBytes() {
  await collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Calls that stand open, each with half of its body received: bytes kept for each. */
async function measureInFlight() {
  const before = await readKeptBytes()
  const reading = new Set()
  let lastChunkMs = Date.now()
  const open = Array.from({ length: calls }, async (_, index) => {
    const response = await post()
    await drain(response, () => {
      reading.add(index)
      lastChunkMs = Date.now()
    })
  })
  // Nothing comes any more: the server holds back the rest.
  do await setTimeout(100)
  while (reading.size < calls || Date.now() - lastChunkMs < QUIET_MS)
  const keptBytes = (await readKeptBytes()) - before
  const ended = await Promise.race([...open, setTimeout(0, 'none')])
  if (ended !== 'none') throw new Error('a call that should stand open has ended')
  return keptBytes / calls
}

/** Linux only: the kernel's own high-water mark, which misses nothing between two looks. */
function readPeakBytes() {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024
}
function resetPeak() {
  writeFileSync('/proc/self/clear_refs', '5')
}

/** Growth of the peak of the process's memory over whole huge bodies, one after the other. */
async function measurePeak() {
  await readPart()
  await collect()
  resetPeak()
  const before = readPeakBytes()
  for (let call = 0; call < calls; call++) await drain(await post())
  return readPeakBytes() - before
}

/** A first megabyte, so that what is loaded and compiled once is not taken for growth. */
async function readPart() {
  const controller = new AbortController()
  let received = 0
  const response = await fetch(`${origin}/v1/chat/completions`, { ...REQUEST, signal: controller.signal })
  await drain(response, (chunk) => {
    received += chunk.length
    if (received > 1024 * 1024) controller.abort()
  }).catch(() => {})
}

async function callAll(count) {
  let started = 0
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      while (started++ < count) await (await request(`${origin}/v1/chat/completions`, REQUEST)).body.json()
    }),
  )
}

/** What is left on the heap after so many calls. */
async function measureResidue() {
  await callAll(WARM_UP_CALLS)
  const before = await readKeptBytes()
  await callAll(calls)
  return (await readKeptBytes()) - before
}

const MEASURES = { inFlight: measureInFlight, peak: measurePeak, residue: measureResidue }
process.send({ bytes: await MEASURES[measure]() })
process.exit(0)
