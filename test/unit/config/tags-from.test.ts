import { describe, expect, it } from 'vitest'
import { resolveTagsFrom } from '../../../src/config/tags-from.ts'

const ENVIRONMENT = {
  AIMLAPI_TAGS_FROM_BAGGAGE: 'tenant, team',
  AIMLAPI_TAGS_FROM_SPAN: 'gen_ai.agent.name',
}

describe('where spend tags come from', () => {
  it('is set by two variables', () => {
    expect(resolveTagsFrom(undefined, ENVIRONMENT)).toEqual({
      baggage: ['tenant', 'team'],
      span: ['gen_ai.agent.name'],
    })
  })

  it('is set by the option instead, if there is one', () => {
    expect(resolveTagsFrom({ span: ['a', 'a'] }, ENVIRONMENT)).toEqual({ baggage: [], span: ['a'] })
  })

  it('is nowhere by default', () => {
    expect(resolveTagsFrom(undefined, {})).toEqual({ baggage: [], span: [] })
  })

  it.each([
    [['tenant'], /option "tagsFrom"/],
    [{ baggage: 'tenant' }, /option "tagsFrom.baggage".*array of names/],
    [{ span: ['0'] }, /option "tagsFrom.span" has "0".*begin with a letter/],
    [{ span: [7] }, /option "tagsFrom.span"/],
    [{ spans: [] }, /tagsFrom.spans/],
    [{ baggage: Array.from({ length: 33 }, (_, at) => `t${at}`) }, /at most 32 names/],
  ])('is not %j, which is an error that says what is accepted', (given, message) => {
    expect(() => resolveTagsFrom(given, {})).toThrow(message)
  })

  it('names the variable that is wrong', () => {
    expect(() => resolveTagsFrom(undefined, { AIMLAPI_TAGS_FROM_SPAN: 'a b' })).toThrow(
      /AIMLAPI_TAGS_FROM_SPAN/,
    )
  })
})
