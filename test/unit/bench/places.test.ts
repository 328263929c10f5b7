import { expect, it } from 'vitest'
import { sumByPlace } from '../../bench/places.ts'
import { formatPlaces } from '../../bench/where-table.ts'

const frame = (url: string, functionName = 'run') => ({ url, functionName, lineNumber: 0, columnNumber: 0 })

const PROFILE = {
  nodes: [
    { id: 1, callFrame: frame('', '(root)'), children: [2, 5, 6, 7] },
    { id: 2, callFrame: frame('file:///app/test/bench/programs/floor.mjs'), children: [3, 4] },
    { id: 3, callFrame: frame('', 'parse') },
    { id: 4, callFrame: frame('file:///app/node_modules/@opentelemetry/sdk-metrics/build/index.js') },
    { id: 5, callFrame: frame('', '(garbage collector)') },
    { id: 6, callFrame: frame('', '(idle)') },
    { id: 7, callFrame: frame('file:///app/node_modules/@opentelemetry/instrumentation-undici/x.js') },
  ],
  samples: [2, 3, 4, 5, 6, 7, 3],
  timeDeltas: [10, 20, 40, 80, 160, 320, 1],
}

it('gives the time of a function of the engine to the place that calls it, and knows waiting from work', () => {
  expect(Object.fromEntries(sumByPlace(PROFILE))).toEqual({
    floor: 31,
    sdk: 40,
    collector: 80,
    idle: 160,
    peer: 320,
  })
})

it('gives what is in none of the known places to the client', () => {
  const profile = {
    nodes: [{ id: 1, callFrame: frame('node:internal/undici/undici') }],
    samples: [1],
    timeDeltas: [5],
  }
  expect([...sumByPlace(profile)]).toEqual([['client', 5]])
})

it('shows each subject as a column with the sum of its places', () => {
  const table = formatPlaces({ plain: { client: 30 }, floor: { client: 40, floor: 2.5 } })
  expect(table).toContain('| plain | floor |')
  expect(table).toContain('| all | 30.0 | 42.5 |')
})
