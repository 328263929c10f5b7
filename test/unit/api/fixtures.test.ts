/** Every fixture says what stands beside it, however its bytes are cut and whatever they call themselves. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { array, assert, asyncProperty, integer } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { routeRequest } from '../../../src/api/endpoints.ts'
import { MAX_STAGE_BYTES } from '../../../src/api/limits.ts'
import { cut, readAnswer, type Answered, type Reading } from './reading.ts'

interface Expected extends Answered {
  readonly facts: object
  readonly items?: object[]
}

const root = resolve(import.meta.dirname, '../../fixtures')
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  json: 'application/json; charset=utf-8',
  sse: 'text/event-stream',
  ndjson: 'application/x-ndjson',
  wav: 'audio/wav',
}
const families = readdirSync(root)

const fixtures = families.flatMap((family) =>
  readdirSync(join(root, family))
    .filter((file) => !file.endsWith('.expected.json'))
    .map((file) => {
      const [name = '', extension = ''] = file.split('.')
      const expected = JSON.parse(
        readFileSync(join(root, family, `${name}.expected.json`), 'utf8'),
      ) as Expected
      const contentType = CONTENT_TYPES[extension] as string
      return {
        title: `${family}/${file}`,
        contentType,
        expected,
        body: readFileSync(join(root, family, file)),
      }
    }),
)

function read(
  { expected, body }: (typeof fixtures)[number],
  contentType: string | undefined,
  sizes: readonly number[],
): Promise<Reading> {
  const headers = { ...expected.headers, ...(contentType !== undefined && { 'content-type': contentType }) }
  return readAnswer({ ...expected, headers }, cut(body, sizes))
}

describe('a fixture', () => {
  it('belongs to the family whose folder it lies in', () => {
    for (const { title, expected } of fixtures) {
      const route = routeRequest(expected.method as string, expected.path as string)
      const [folder] = title.split('/')
      expect(route?.endpoint).toBe(folder === '3d' ? 'image' : folder)
    }
  })

  it.each(fixtures.map((fixture) => [fixture.title, fixture] as const))(
    '%s, whole',
    async (_title, fixture) => {
      const { facts, items } = await read(fixture, fixture.contentType, [])
      expect(facts).toEqual(fixture.expected.facts)
      expect(items).toEqual(fixture.expected.items ?? [])
    },
  )

  it.each(fixtures.map((fixture) => [fixture.title, fixture] as const))(
    '%s, byte by byte',
    async (_title, fixture) => {
      const { facts, items } = await read(fixture, fixture.contentType, [1])
      expect(facts).toEqual(fixture.expected.facts)
      expect(items).toEqual(fixture.expected.items ?? [])
    },
  )

  it.each(fixtures.map((fixture) => [fixture.title, fixture] as const))(
    '%s, at random splits',
    async (_title, fixture) => {
      const sizes = array(integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 12 })
      await assert(
        asyncProperty(sizes, async (someSizes) => {
          const { facts, items } = await read(fixture, fixture.contentType, someSizes)
          expect(facts).toEqual(fixture.expected.facts)
          expect(items).toEqual(fixture.expected.items ?? [])
        }),
        { numRuns: 20 },
      )
    },
  )

  const documents = fixtures.filter(({ contentType }) => /json/.test(contentType))
  it.each(documents.map((fixture) => [fixture.title, fixture] as const))(
    '%s, behind more white space than is staged',
    async (_title, fixture) => {
      const space = Buffer.alloc(MAX_STAGE_BYTES, ' ')
      for (const sizes of [[], [1000], [1 << 20]]) {
        const padded = { ...fixture, body: Buffer.concat([space, fixture.body, space]) }
        const { facts, items } = await read(padded, fixture.contentType, sizes)
        expect(facts).toEqual(fixture.expected.facts)
        expect(items).toEqual(fixture.expected.items ?? [])
      }
    },
  )

  const textual = fixtures.filter(({ contentType }) => !contentType.startsWith('audio/'))
  it.each(textual.map((fixture) => [fixture.title, fixture] as const))(
    '%s, under a wrong content type or none',
    async (_title, fixture) => {
      for (const contentType of ['text/plain', 'application/json', 'text/event-stream', undefined]) {
        const { facts, items } = await read(fixture, contentType, [100])
        expect(facts).toEqual(fixture.expected.facts)
        expect(items).toEqual(fixture.expected.items ?? [])
      }
    },
  )
})
