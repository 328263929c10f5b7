import { assert, property, stringMatching } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalizeOrigin, readTarget } from '../../../src/traffic/origin.ts'

const anyPath = stringMatching(/^(\/[\w.~%:@!$&'()*+,;=-]{0,8}){1,5}$/)
const anyQuery = stringMatching(/^(\?[\w.~%:@/?=&-]{0,20})?$/)

describe('the target of a request', () => {
  test.each<[string, unknown, string, string, string]>([
    ['an origin and a path', 'https://api.test', '/v1/chat?x=1', 'https://api.test', '/v1/chat?x=1'],
    ['a URL object', new URL('https://api.test:8443/'), '/v1', 'https://api.test:8443', '/v1'],
    ['a default port', 'https://api.test:443', '/', 'https://api.test', '/'],
    ['another spelling', 'HTTPS://API.Test/', '/', 'https://api.test', '/'],
    [
      'a proxy and an absolute path',
      'http://proxy:3128',
      'http://api.test/v1?q=%20',
      'http://api.test',
      '/v1?q=%20',
    ],
    ['an absolute path with a port', 'http://proxy', 'http://api.test:81/a', 'http://api.test:81', '/a'],
    ['an absolute path without a slash', 'http://proxy', 'http://api.test?a=1', 'http://api.test', '/?a=1'],
  ])('is known from %s', (_what, origin, path, expectedOrigin, expectedPath) => {
    expect(readTarget(origin, path)).toEqual({ origin: expectedOrigin, path: expectedPath })
  })

  test('is not known from an origin that is none', () => {
    expect(readTarget(undefined, '/v1')).toBeUndefined()
    expect(readTarget('nonsense', '/v1')).toBeUndefined()
  })

  test('keeps the path as it was sent', () => {
    assert(
      property(anyPath, anyQuery, (...parts) => {
        const sent = parts.join('')
        expect(readTarget('http://proxy', `http://api.test${sent}`)?.path).toBe(sent)
        expect(readTarget('http://api.test', sent)?.path).toBe(sent)
      }),
    )
  })

  test('stays right however many origins a process talks to', () => {
    for (let i = 0; i < 300; i++) expect(normalizeOrigin(`http://HOST${i}:80`)).toBe(`http://host${i}`)
  })
})
