/** The path of a call as CONTRIBUTING.md describes it, compared with what V8 has counted during a real call. */
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { Session, type Profiler } from 'node:inspector/promises'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fetch } from 'undici'
import { beforeAll, describe, expect, it } from 'vitest'
import { AimlapiInstrumentation } from '../../src/instrumentation.ts'

const CHUNKS = 12
const BEGINNING = '{"choices": ['
const END =
  '], "usage": {"prompt_tokens": 3, "completion_tokens": 2}, "meta": {"usage": {"credits_used": 20}}}'
/** Functions that only read a field or the clock, and the test runner's getters of exports, which have no name. */
const READS = new Set(['get ended', 'find', 'monotonicMs', ''])

interface Step {
  readonly name: string
  readonly file: string
}

/** The rows of the tables that follow `heading` in CONTRIBUTING.md, up to the next sentence. */
function readSteps(heading: string): Step[] {
  const text = readFileSync(new URL('../../CONTRIBUTING.md', import.meta.url), 'utf8')
  const from = text.indexOf(heading)
  expect(from, `"${heading}" in CONTRIBUTING.md`).toBeGreaterThan(0)
  const [, table = ''] = text.slice(from).split('\n\n', 2)
  return [...table.matchAll(/^\| (.*?) \| `([\w/.-]+\.ts)`/gm)].map(([, name = '', file = '']) => ({
    name,
    file,
  }))
}

function createDeferred<Value>() {
  let resolve = (_value: Value): void => {}
  const promise = new Promise<Value>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

/** Calls by file below src, then by the name of the function. */
type Counts = ReadonlyMap<string, ReadonlyMap<string, number>>

function countCalls(scripts: readonly Profiler.ScriptCoverage[]): Counts {
  const counts = new Map<string, Map<string, number>>()
  for (const { url, functions } of scripts) {
    const [, file] = /\/src\/([^?]+\.ts)/.exec(url) ?? []
    if (file === undefined) continue
    const ofFile = counts.get(file) ?? new Map<string, number>()
    counts.set(file, ofFile)
    for (const { functionName, ranges } of functions)
      ofFile.set(functionName, (ofFile.get(functionName) ?? 0) + (ranges[0]?.count ?? 0))
  }
  return counts
}

/** `Call.#finish` → `#finish`; for a function without a name of its own, any function of the file counts. */
function callsOf({ name, file }: Step, counts: Counts): number {
  const ofFile = counts.get(file) ?? new Map<string, number>()
  const [, own] = /^`(?:\w+\.)?(#?\w+)`/.exec(name) ?? []
  return own === undefined ? Math.max(0, ...ofFile.values()) : (ofFile.get(own) ?? 0)
}

describe('the path of a call in CONTRIBUTING.md', () => {
  let atHead: Counts
  let duringBody: Counts
  let afterwards: Counts

  beforeAll(async () => {
    const answered = createDeferred<ServerResponse>()
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.write(BEGINNING)
        answered.resolve(response)
      })
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const instrumentation = new AimlapiInstrumentation({ baseUrls: [url], balance: false, settlement: false })
    const session = new Session()
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
    const takeCounts = async (): Promise<Counts> =>
      countCalls((await session.post('Profiler.takePreciseCoverage')).result)

    await takeCounts()
    const body = JSON.stringify({ model: 'gpt-4o', messages: [] })
    const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    atHead = await takeCounts()
    // One after the other: the client joins chunks that it has not read yet.
    const answer = await answered.promise
    for (let index = 0; index < CHUNKS; index++) {
      answer.write(`${index === 0 ? '' : ','}{"index": ${index}}`)
      await reader.read()
    }
    duringBody = await takeCounts()
    answer.end(END)
    while (!(await reader.read()).done);
    await setTimeout(50)
    afterwards = await takeCounts()

    session.disconnect()
    await instrumentation.shutdown()
    server.close()
    server.closeAllConnections()
  })

  it.each(['When the request is created,', 'When the head of the response comes,'])(
    '"%s" names functions that are called then',
    (heading) => {
      for (const step of readSteps(heading)) expect(callsOf(step, atHead), step.name).toBeGreaterThan(0)
    },
  )

  it('names the at most four functions that are called for each chunk, and no other is', () => {
    const steps = readSteps('For each chunk of the body,')
    expect(steps.length).toBeLessThanOrEqual(4)
    for (const step of steps) expect(callsOf(step, duringBody), step.name).toBe(CHUNKS)
    const files = [...duringBody].flatMap(([file, functions]) =>
      [...functions].map(([name, calls]) => ({ file, name, calls })),
    )
    const perChunk = files.filter(({ calls, name }) => calls >= CHUNKS && !READS.has(name))
    const named = steps.map(({ file, name }) => `${file} ${/(\w+)`/.exec(name)?.[1]}`)
    expect(perChunk.map(({ file, name }) => `${file} ${name}`).sort()).toEqual(named.sort())
  })

  it('names the at most 14 functions from the end of the body to a counter', () => {
    const steps = [...readSteps('Four at once;'), ...readSteps('Eight within 10 ms,')]
    expect(steps.length).toBeLessThanOrEqual(14)
    for (const step of steps) expect(callsOf(step, afterwards), step.name).toBeGreaterThan(0)
  })
})
