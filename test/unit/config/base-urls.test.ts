import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigurationError, matchBaseUrl, resolveConfig } from '../../../src/config.ts'

const of = (...baseUrls: string[]) => resolveConfig({ baseUrls }, {})
const ORIGIN = 'https://gateway.test'

describe('base URLs', () => {
  it('are origin and path prefix, without a slash at the end', () => {
    expect(of('https://Gateway.test:443/ai/', 'http://127.0.0.1:8080').baseUrls).toEqual([
      { origin: ORIGIN, pathPrefix: '/ai' },
      { origin: 'http://127.0.0.1:8080', pathPrefix: '' },
    ])
  })

  it('of the environment are comma separated', () => {
    expect(resolveConfig({}, { AIMLAPI_BASE_URLS: `${ORIGIN}/ai , http://[::1]:1` }).baseUrls).toEqual([
      { origin: ORIGIN, pathPrefix: '/ai' },
      { origin: 'http://[::1]:1', pathPrefix: '' },
    ])
  })

  it('with "*" are every URL, and account endpoints stay at the first real one', () => {
    expect(of('*')).toMatchObject({ baseUrls: '*', accountBaseUrl: 'https://api.aimlapi.com' })
    expect(of('*', ORIGIN)).toMatchObject({ baseUrls: '*', accountBaseUrl: ORIGIN })
  })

  it('as SDKs are given them have a version at the end, which account endpoints do without', () => {
    expect(of(`${ORIGIN}/ai/v1`).accountBaseUrl).toBe(`${ORIGIN}/ai`)
    expect(of(`${ORIGIN}/api/v2/`).accountBaseUrl).toBe(ORIGIN)
    expect(of(`${ORIGIN}/v1x`).accountBaseUrl).toBe(`${ORIGIN}/v1x`)
  })

  it.each([
    ['api.aimlapi.com', '"api.aimlapi.com", which is not an absolute URL'],
    ['ftp://api.aimlapi.com', 'scheme "ftp:"'],
    ['https://user:secret@gateway.test', 'credentials (host gateway.test)'],
    ['//user:secret@gateway.test', 'not an absolute URL'],
    ['https://gateway.test/?token=secret', 'query or fragment (host gateway.test)'],
    ['gateway.test/?token=secret', 'not an absolute URL'],
  ])('such as %s are an error that shows no secret', (url, expected) => {
    let message = ''
    try {
      of(url)
    } catch (error) {
      message = error instanceof ConfigurationError ? error.message : ''
    }
    expect(message).toContain('option "baseUrls" has')
    expect(message).toContain(expected)
    expect(message).not.toContain('secret')
  })

  it('are never none', () => {
    expect(() => of()).toThrow('option "baseUrls" is empty')
  })
})

describe('matching a request', () => {
  const { baseUrls } = of(`${ORIGIN}/ai`, 'https://api.aimlapi.com')

  it.each([
    [ORIGIN, '/ai/v1/chat/completions', '/v1/chat/completions'],
    [ORIGIN, '/ai/v1/x?generation_id=1', '/v1/x?generation_id=1'],
    [ORIGIN, '/ai', '/'],
    [ORIGIN, '/ai?x=1', '/?x=1'],
    [ORIGIN, '/airy/v1', undefined],
    [ORIGIN, '/v1/chat/completions', undefined],
    ['https://api.aimlapi.com', '/v1/chat/completions', '/v1/chat/completions'],
    ['http://api.aimlapi.com', '/v1/chat/completions', undefined],
    ['https://api.aimlapi.com.evil.test', '/v1/chat/completions', undefined],
  ])('%s %s leaves %s', (origin, path, rest) => {
    expect(matchBaseUrl(baseUrls, origin, path)).toBe(rest)
  })

  it('takes the longest of several prefixes, in any order', () => {
    for (const urls of [
      [ORIGIN, `${ORIGIN}/ai`],
      [`${ORIGIN}/ai`, ORIGIN],
    ]) {
      expect(matchBaseUrl(of(...urls).baseUrls, ORIGIN, '/ai/v1')).toBe('/v1')
      expect(matchBaseUrl(of(...urls).baseUrls, ORIGIN, '/b/v1')).toBe('/b/v1')
    }
  })

  it('with "*" leaves every path as it is', () => {
    expect(matchBaseUrl('*', 'http://anywhere.test', '/x?y')).toBe('/x?y')
  })

  it('gives the rest of any path below any prefix', () => {
    const segment = fc.stringMatching(/^[a-z0-9_-]{1,8}$/)
    fc.assert(
      fc.property(
        fc.array(segment, { maxLength: 3 }),
        fc.array(segment, { maxLength: 4 }),
        (prefix, rest) => {
          const urls = of([ORIGIN, ...prefix].join('/')).baseUrls
          const path = ['', ...prefix, ...rest].join('/')
          expect(matchBaseUrl(urls, ORIGIN, path || '/')).toBe(`/${rest.join('/')}`)
        },
      ),
    )
  })
})
