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

/** Runs a program in a process of its own, with or without our hooks in it. */
const run = (program: string, hooked: boolean): Promise<Outcome> =>
  new Promise((resolve) => {
    const hook = fileURLToPath(new URL('no-harm-support/hooked.ts', import.meta.url))
    const imports = ['--import', 'tsx', ...(hooked ? ['--import', hook] : [])]
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
])('%s', async (_title, program, code) => {
  const [bare, hooked] = await Promise.all([run(program, false), run(program, true)])
  expect(bare.code).toBe(code)
  expect({ code: hooked.code, stdout: hooked.stdout }).toEqual({ code: bare.code, stdout: bare.stdout })
  expect(hooked.stderr).toMatch(/observed [12]\n/)
  // Line by line without the stack, whose frames of the overridden methods are the only difference.
  const said = ({ stderr }: Outcome): string[] =>
    stderr
      .split('\n')
      .filter((line) => line !== '' && !/^\s+at |^observed |^\s*[\^~]|^node:|^\s+[a-z(]/.test(line))
  expect(said(hooked)).toEqual(said(bare))
})
