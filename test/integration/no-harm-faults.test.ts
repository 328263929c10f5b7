import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Exchange, HookOptions, Unhook } from '../../src/traffic/exchange.ts'
import { hookNodeHttp } from '../../src/traffic/node-http.ts'
import { hookUndici } from '../../src/traffic/undici.ts'
import { observe } from './no-harm-support/compare.ts'
import { programs } from './no-harm-support/programs.ts'

const hookAll = (options: HookOptions): Unhook => {
  const undo = [hookUndici(options), hookNodeHttp(options)]
  return () => undo.forEach((step) => step())
}

const boom = (): never => {
  throw new Error('a fault of ours')
}
const sound: Exchange = {
  within: (publish) => publish(),
  sent: () => {},
  requestChunk: () => {},
  responseHead: () => {},
  responseChunk: () => {},
  end: () => {},
}

const faults: [string, Exchange][] = [
  ...Object.keys(sound).map((name): [string, Exchange] => [`a throw in ${name}`, { ...sound, [name]: boom }]),
  ['within that never publishes', { ...sound, within: () => {} }],
  ['within that publishes twice', { ...sound, within: (publish) => [publish(), publish()] }],
]

let escaped: unknown[]
const note = (error: unknown): void => void escaped.push(error)
beforeEach(() => {
  escaped = []
  process.on('uncaughtExceptionMonitor', note)
})
afterEach(() => {
  process.off('uncaughtExceptionMonitor', note)
})

describe.each(programs)('%s does not notice', (_name, program) => {
  test.each(faults)('%s', async (_fault, faulty) => {
    const bare = await observe(program)
    const unhook = hookAll({ begin: () => faulty, nestHttpSpans: true, onInternalError: boom })
    expect(await observe(program).finally(unhook)).toEqual(bare)
    await new Promise((resolve) => setImmediate(resolve))
    expect(escaped).toEqual([])
  })

  test('a throw in begin', async () => {
    const bare = await observe(program)
    let asked = 0
    const begin = (): never => {
      asked++
      return boom()
    }
    const unhook = hookAll({ begin, nestHttpSpans: true, onInternalError: boom })
    expect(await observe(program).finally(unhook)).toEqual(bare)
    expect(asked).toBeGreaterThan(0)
    expect(escaped).toEqual([])
  })
})
