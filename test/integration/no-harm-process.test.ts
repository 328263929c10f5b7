import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOriginServer, type OriginServer } from './traffic-support/origin-server.ts'

let server: OriginServer
beforeAll(async () => {
  server = await startOriginServer()
})
afterAll(() => server.close())

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program in a process of its own, with or without us in it. */
const run = (program: string, withUs: boolean): Promise<Outcome> =>
  new Promise((resolve) => {
    const file = fileURLToPath(new URL('no-harm-support/instrumented.ts', import.meta.url))
    const imports = ['--import', 'tsx', ...(withUs ? ['--import', file] : [])]
    const child = spawn(process.execPath, [...imports, '--input-type=commonjs', '--eval', program], {
      env: { ...process.env, ORIGIN: server.url },
    })
    const output = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
    child.on('close', (code) => resolve({ code, ...output }))
  })

test.each<[string, string, number]>([
  [
    'a request without an error listener still crashes the process',
    `require('node:http').get(process.env.ORIGIN + '/reset')`,
    1,
  ],
  [
    'a response that breaks off without an error listener is as silent as ever',
    `require('node:http').get(process.env.ORIGIN + '/cut', (r) => r.on('data', (d) => console.log(String(d))).on('close', () => console.log('closed')))`,
    0,
  ],
  [
    'a rejected fetch that nobody handles still crashes the process',
    `fetch(process.env.ORIGIN + '/reset')`,
    1,
  ],
  [
    'the process ends by itself when its work is done',
    `fetch(process.env.ORIGIN + '/pieces').then((r) => r.text()).then((t) => {
      console.log(t.length)
      require('node:http').get(process.env.ORIGIN + '/echo', (r) => r.resume().on('end', () => console.log('end')))
    })`,
    0,
  ],
  [
    'a response that nobody reads does not hold the process',
    `fetch(process.env.ORIGIN + '/echo').then((r) => console.log(r.status))`,
    0,
  ],
  [
    'a listener of a response that throws still crashes the process',
    `require('node:http').get(process.env.ORIGIN + '/echo', () => { throw new Error('of the caller') })`,
    1,
  ],
  [
    'a response destroyed without an error listener still crashes the process',
    `require('node:http').get(process.env.ORIGIN + '/sse', (r) => r.destroy(new Error('of the caller')))`,
    1,
  ],
  [
    'a pipeline whose handler gives nothing back still crashes the process',
    `const { pipeline } = require('undici')
    pipeline(process.env.ORIGIN + '/echo', { method: 'POST' }, () => {}).on('error', () => {}).end('x')`,
    1,
  ],
  [
    'an abort whose reason cannot be read still crashes the process',
    `const controller = new AbortController()
    const reason = new Proxy({}, { get: () => { throw new Error('of the caller') } })
    fetch(process.env.ORIGIN + '/sse', { signal: controller.signal }).then(() => controller.abort(reason))`,
    1,
  ],
  [
    'a subscriber of the application that throws still crashes the process',
    `require('node:diagnostics_channel').subscribe('undici:request:create', () => { throw new Error('of the caller') })
    fetch(process.env.ORIGIN + '/echo').catch(() => {})`,
    1,
  ],
  [
    'subscribers of the application hear what they always hear, and may change the request',
    `const channels = require('node:diagnostics_channel')
    const names = ['undici:request:create', 'undici:request:bodySent', 'undici:request:headers', 'undici:request:trailers', 'http.client.request.start', 'http.client.response.finish']
    for (const name of names) channels.subscribe(name, (message, channel) => {
      if (name === 'undici:request:create') message.request.addHeader('content-type', 'text/added')
      console.log(channel, Object.keys(message).join(), Object.keys(message.request).length, message.request.completed)
    })
    fetch(process.env.ORIGIN + '/echo', { method: 'POST', body: Buffer.from('x') })
      .then((r) => r.text().then((text) => {
        console.log(text, r.headers.get('content-type'))
        require('node:http').get(process.env.ORIGIN + '/pieces', (i) => i.resume())
      }))`,
    0,
  ],
  [
    'the timeline of the process knows the same requests',
    `const { performance } = require('node:perf_hooks')
    fetch(process.env.ORIGIN + '/pieces').then((r) => r.text()).then(() => setTimeout(() => {
      for (const { initiatorType, decodedBodySize } of performance.getEntriesByType('resource'))
        console.log(initiatorType, decodedBodySize)
    }))`,
    0,
  ],
  [
    'nothing of Node is loaded at start that takes long and is not needed',
    `console.log(process.moduleLoadList.filter((name) => /undici|crypto/.test(name)).join())
    fetch(process.env.ORIGIN + '/echo').then((r) => r.text())`,
    0,
  ],
  [
    'a process that ends in the middle of a body ends with its own code',
    `fetch(process.env.ORIGIN + '/sse').then((r) => r.body.getReader().read()).then(() => process.exit(7))`,
    7,
  ],
])('%s', async (_title, program, code) => {
  const [bare, withUs] = await Promise.all([run(program, false), run(program, true)])
  expect(bare.code).toBe(code)
  expect({ code: withUs.code, stdout: withUs.stdout }).toEqual({ code: bare.code, stdout: bare.stdout })
  expect(withUs.stderr).toMatch(/observed [12]\n/)
  // Line by line without the stack, whose frames of the overridden methods are the only difference.
  const said = ({ stderr }: Outcome): string[] =>
    stderr
      .split('\n')
      .filter((line) => line !== '' && !/^\s+at |^observed |^\s*[\^~]|^node:|^\s+[a-z(]/.test(line))
  expect(said(withUs)).toEqual(said(bare))
})
