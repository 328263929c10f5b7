import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { devDependencies } from '../../../package.json'
import { findNewer, listBuiltIn, readVersions } from '../../../scripts/releases/newer.ts'
import { BUNDLED_PACKAGES } from '../../../src/bundled-packages.ts'

describe('the packages that are built in', () => {
  it('are what the files import, with the line of releases that would do', () => {
    const sources = [
      "export { A } from '@opentelemetry/sdk-metrics'\nimport type { Socket } from 'node:net'",
      "export {\n  B,\n} from '@opentelemetry/sdk-node'\nexport { C } from './metrics.ts'",
      "export { D } from 'proxy-from-env/lib'\nexport { A } from '@opentelemetry/sdk-metrics'",
    ]
    const versions = {
      '@opentelemetry/sdk-metrics': '2.1.0',
      '@opentelemetry/sdk-node': '0.204.0',
      'proxy-from-env': '2.1.0',
      'left-out': '1.0.0',
    }
    expect(listBuiltIn(sources, versions)).toEqual([
      { name: '@opentelemetry/sdk-metrics', version: '2.1.0', range: '2.x' },
      { name: '@opentelemetry/sdk-node', version: '0.204.0', range: '>=0.200.0 <0.300.0' },
      { name: 'proxy-from-env', version: '2.1.0', range: '*' },
    ])
  })

  it.each(['^2.1.0', undefined])('must have an exact version, not %s', (version) => {
    const versions: Record<string, string> = version === undefined ? {} : { tool: version }
    expect(() => listBuiltIn(["import { a } from 'tool'"], versions)).toThrow(/tool is built in/)
  })

  it('are found in this repository, those of the table in docs/versions.md among them', () => {
    const folder = path.resolve(import.meta.dirname, '../../../src/bundled')
    const sources = readdirSync(folder).map((file) => readFileSync(path.join(folder, file), 'utf8'))
    const names = listBuiltIn(sources, devDependencies).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(Object.keys(BUNDLED_PACKAGES)))
  })
})

describe('a newer release', () => {
  it.each([
    ['2.12.0', ['2.9.0', '2.12.0'], undefined],
    ['2.9.0', ['2.9.0', '2.12.0', '2.10.1'], '2.12.0'],
    ['0.223.0', ['0.223.1', '0.224.0-rc.1'], '0.223.1'],
    ['1.0.0', [], undefined],
  ])('than %s among %j is %s', (version, published, newest) => {
    expect(findNewer(version, published)).toBe(newest)
  })

  it('is the greatest by number, in any order', () => {
    const part = fc.nat({ max: 300 })
    fc.assert(
      fc.property(fc.array(fc.tuple(part, part, part), { minLength: 1 }), (list) => {
        const weight = ([a, b, c]: readonly number[]) => (a ?? 0) * 1e6 + (b ?? 0) * 1e3 + (c ?? 0)
        const greatest = list.toSorted((a, b) => weight(a) - weight(b)).at(-1) ?? [0, 0, 0]
        const expected = weight(greatest) === 0 ? undefined : greatest.join('.')
        expect(
          findNewer(
            '0.0.0',
            list.map((each) => each.join('.')),
          ),
        ).toBe(expected)
      }),
    )
  })
})

describe('the response of the registry', () => {
  it.each([
    ['"2.12.0"', ['2.12.0']],
    ['["2.11.0","2.12.0"]', ['2.11.0', '2.12.0']],
  ])('%s is a list of versions', (json, versions) => {
    expect(readVersions(json)).toEqual(versions)
  })

  it.each(['', '[]', '{"error":{"code":"E404"}}', 'null'])('%j, which has none, is an error', (json) => {
    expect(() => readVersions(json)).toThrow(/JSON|no versions/)
  })
})
