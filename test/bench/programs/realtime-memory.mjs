// What the package does with the bytes of a session, without the rest: they come from memory, in the chunks in which a
// real socket has delivered them, and go nowhere.
import { performance } from 'node:perf_hooks'
import { openObserved, receiveBy } from './realtime-observed.mjs'
import { countAllocations } from './slices.mjs'

/** @type {{ protocol: string, frames: number, durationMs: number }} beside what opens the session. */
const { frames, durationMs, ...opened } = JSON.parse(process.argv[2])
const { protocol } = opened
const { session, observed, check } = await openObserved(opened)
const { socket } = session
const socketClass = Object.getPrototypeOf(socket)

const COUNTED_CALLS = 50
/** From these the package decides that it is a piece of sound. */
const PREFIX_BYTES = 256
/** What Node reads from a socket at once. */
const LARGEST_CHUNK_BYTES = 65_536

let keepChunk = () => {}
let isForwarding = true
const { push: forward } = socketClass

/** Below the package's override, in the place of the socket's own method. */
socketClass.push = function (chunk) {
  keepChunk(chunk)
  return isForwarding ? Reflect.apply(forward, this, arguments) : true
}

async function recordChunks() {
  const chunks = []
  keepChunk = (chunk) => chunks.push(Buffer.from(chunk))
  await session.readFrames(frames)
  keepChunk = () => {}
  return chunks
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1]
}

/** Nanoseconds of one chunk. */
function timeChunks(chunks) {
  const times = []
  const startMs = performance.now()
  while (performance.now() - startMs < durationMs) {
    const startNs = process.hrtime.bigint()
    for (let index = 0; index < chunks.length; index++) socket.push(chunks[index])
    times.push(Number(process.hrtime.bigint() - startNs) / chunks.length)
  }
  return median(times)
}

/** What is not the package's: the loop and the method that goes nowhere. */
function timeNothing(chunks) {
  receiveBy(socket, socketClass.push)
  timeChunks(chunks)
  const ns = timeChunks(chunks)
  receiveBy(socket, observed)
  return ns
}

/** Bytes that all recorded chunks put on the heap. */
async function countHeap(push) {
  receiveBy(socket, push)
  const pushAll = async () => {
    for (let index = 0; index < recorded.length; index++) socket.push(recorded[index])
  }
  await countAllocations(pushAll, COUNTED_CALLS)
  return (await countAllocations(pushAll, COUNTED_CALLS)).bytesPerCall
}

/** Of a chunk in which no frame begins or ends. The session cannot be read any more then. */
function timeWithinFrame() {
  isForwarding = false
  const header = Buffer.from([0x81, 127, 0, 0xff, 0, 0, 0, 0, 0, 0])
  const beginning = Buffer.from('{"type":"response.output_audio.delta","delta":"'.padEnd(PREFIX_BYTES, 'A'))
  socket.push(Buffer.concat([header, beginning]))
  const within = Array(100).fill(Buffer.alloc(LARGEST_CHUNK_BYTES, 'A'))
  timeChunks(within)
  return timeChunks(within) - timeNothing(within)
}

const recorded = await recordChunks()
isForwarding = false
timeChunks(recorded)
const chunkNs = timeChunks(recorded)
const nothingNs = timeNothing(recorded)
const allocatedBytes = (await countHeap(observed)) - (await countHeap(socketClass.push))
receiveBy(socket, observed)
isForwarding = true
await check()
const chunksPerFrame = recorded.length / frames
const perChunkNs = protocol === 'openai' ? timeWithinFrame() : undefined
process.send(
  {
    frameNs: (chunkNs - nothingNs) * chunksPerFrame,
    chunksPerFrame,
    perChunkNs,
    allocatedBytes: allocatedBytes / frames,
  },
  () => process.exit(0),
)
