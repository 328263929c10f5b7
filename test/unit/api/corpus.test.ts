/** Every documented response, through the readers alone, in chunks of any size. Skipped where there is no corpus. */
import { describe, expect, it } from 'vitest'
import { routeRequest } from '../../../src/api/endpoints.ts'
import type { Route } from '../../../src/api/families.ts'
import type { BatchItem } from '../../../src/api/body-facts.ts'
import { stateFacts, type ResponseFacts } from '../../../src/api/response-facts.ts'
import { ResponseReader } from '../../../src/api/response.ts'
import {
  asServed,
  comparable,
  corpusIsThere,
  documentedCalls,
  documentedOthers,
  type DocumentedResponse,
  meantBy,
  meantWithHeaders,
  printedTotal,
  routedFamily,
} from '../../corpus/documented-responses.ts'

function read(
  one: DocumentedResponse,
  chunkBytes: number,
  moreHeaders: Readonly<Record<string, string>> = {},
): { facts: ResponseFacts; items: BatchItem[] } {
  const { contentType, body } = asServed(one)
  const items: BatchItem[] = []
  const route = routeRequest(one.method, one.endpoint) as Route
  const headers: Record<string, string> = { ...moreHeaders, 'content-type': contentType }
  const reader = new ResponseReader(
    route,
    one.httpStatus ?? 200,
    (name) => headers[name],
    (item) => items.push(item),
  )
  for (let at = 0; at < body.length; at += chunkBytes) reader.input.write(body.subarray(at, at + chunkBytes))
  expect(reader.end(true)).toBeUndefined()
  return { facts: stateFacts(reader), items }
}

const byFile = (list: readonly DocumentedResponse[]) => list.map((one) => [one.file, one] as const)

describe.skipIf(!corpusIsThere)('the readers, on the corpus of documented responses', () => {
  it.each(byFile(documentedCalls))('%s', (_file, one) => {
    expect(routeRequest(one.method, one.endpoint)?.endpoint).toBe(routedFamily(one))

    for (const chunkBytes of [1 << 30, 1, 777]) {
      const { facts, items } = read(one, chunkBytes)
      expect(comparable(facts.usage)).toEqual(meantBy(one.expected, printedTotal(one)))
      const model = one.answeringModel ?? one.responseModel ?? facts.responseModel
      expect(facts.responseModel).toBe(model)
      expect(facts.routedModel).toBe(one.answeringModel)
      expect(items.map(({ customId }) => customId)).toEqual(
        (one.expectedItems ?? []).map((item) => item.custom_id),
      )
      for (const [index, item] of (one.expectedItems ?? []).entries()) {
        expect(items[index]?.model).toBe(item.model)
        expect(comparable(items[index]?.usage)).toEqual(meantBy(item))
      }
    }
  })

  const withHeaders = documentedCalls.filter(({ headers }) => headers !== undefined)
  it.each(byFile(withHeaders))('%s, with its headers', (_file, one) => {
    const { facts } = read(one, 777, one.headers)
    expect(comparable(facts.usage)).toEqual(meantWithHeaders(one))
    expect(facts.routedModel).toBe(one.answeringModel)
  })

  it.each(byFile(documentedOthers))('%s is no call', (_file, one) => {
    expect(routeRequest(one.method, one.endpoint)).toBeUndefined()
  })
})
