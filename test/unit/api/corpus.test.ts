/** Every documented response, through the readers alone, in chunks of any size. Skipped where there is no corpus. */
import { describe, expect, it } from 'vitest'
import { routeRequest, type Route } from '../../../src/api/endpoints.ts'
import { createResponseReader, type BatchItem, type ResponseFacts } from '../../../src/api/response.ts'
import {
  asServed,
  comparable,
  corpusIsThere,
  documentedCalls,
  documentedOthers,
  type DocumentedResponse,
  meantBy,
  printedTotal,
} from '../../corpus/documented-responses.ts'

function read(one: DocumentedResponse, chunkBytes: number): { facts: ResponseFacts; items: BatchItem[] } {
  const { contentType, body } = asServed(one)
  const items: BatchItem[] = []
  const route = routeRequest(one.method, one.endpoint) as Route
  const headers: Record<string, string> = { 'content-type': contentType }
  const reader = createResponseReader(
    route,
    200,
    (name) => headers[name],
    (item) => items.push(item),
  )
  for (let at = 0; at < body.length; at += chunkBytes) reader.input.write(body.subarray(at, at + chunkBytes))
  return { facts: reader.end(true) as ResponseFacts, items }
}

const byFile = (list: readonly DocumentedResponse[]) => list.map((one) => [one.file, one] as const)

describe.skipIf(!corpusIsThere)('the readers, on the corpus of documented responses', () => {
  it.each(byFile(documentedCalls))('%s', (_file, one) => {
    const family = one.family === 'error' ? 'batch' : (one.family ?? 'chat')
    const route = routeRequest(one.method, one.endpoint)
    expect(family === '3d' ? 'image' : family).toBe(route?.endpoint)

    for (const chunkBytes of [1 << 30, 1, 777]) {
      const { facts, items } = read(one, chunkBytes)
      expect(comparable(facts.usage)).toEqual(meantBy(one.expected, printedTotal(one)))
      expect(facts.responseModel ?? null).toBe(one.responseModel ?? facts.responseModel ?? null)
      expect(items.map(({ customId }) => customId)).toEqual(
        (one.expectedItems ?? []).map((item) => item.custom_id),
      )
      for (const [index, item] of (one.expectedItems ?? []).entries()) {
        expect(items[index]?.model).toBe(item.model)
        expect(comparable(items[index]?.usage)).toEqual(meantBy(item))
      }
    }
  })

  it.each(byFile(documentedOthers))('%s is no call', (_file, one) => {
    expect(routeRequest(one.method, one.endpoint)).toBeUndefined()
  })
})
