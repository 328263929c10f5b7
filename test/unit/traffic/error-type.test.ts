import { describe, expect, test } from 'vitest'
import { errorType } from '../../../src/traffic/error-type.ts'

const coded = (code: unknown, name = 'Error'): Error => Object.assign(new Error('secret'), { code, name })
const caused = (cause: unknown): Error => new TypeError('fetch failed', { cause })
const cycle = new Error('around')
cycle.cause = cycle
const hostile = new Proxy(new Error('trap'), {
  get() {
    throw new Error('read me not')
  },
})

describe('errorType', () => {
  test.each<[string, unknown, string]>([
    ['an abort without reason', new DOMException('', 'AbortError'), 'aborted'],
    ['the AbortError of node:http', coded('ABORT_ERR', 'AbortError'), 'aborted'],
    ['a destroyed body of undici', coded('UND_ERR_ABORTED'), 'aborted'],
    ['a cancelled axios call', coded('ERR_CANCELED'), 'aborted'],
    ['a string', 'Response object has been garbage collected', 'aborted'],
    ['undefined', undefined, 'aborted'],
    ['null', null, 'aborted'],
    ['a plain object', { reason: 'enough' }, 'aborted'],
    ['AbortSignal.timeout', new DOMException('', 'TimeoutError'), 'timeout'],
    [
      'AbortSignal.timeout as node:http reports it',
      Object.assign(coded('ABORT_ERR', 'AbortError'), { cause: new DOMException('', 'TimeoutError') }),
      'timeout',
    ],
    ['a time limit of a client library', coded('ETIMEDOUT', 'TimeoutError'), 'ETIMEDOUT'],
    ['a refused connection', coded('ECONNREFUSED'), 'ECONNREFUSED'],
    ['a name that does not resolve', coded('ENOTFOUND'), 'ENOTFOUND'],
    ['a resolver failure', coded('EAI_AGAIN'), 'EAI_AGAIN'],
    ['a broken response head', coded('HPE_INVALID_CONTENT_LENGTH'), 'HPE_INVALID_CONTENT_LENGTH'],
    ['a TLS failure', coded('ERR_SSL_WRONG_VERSION_NUMBER'), 'ERR_SSL_WRONG_VERSION_NUMBER'],
    ['a bad certificate', coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['an expired certificate', coded('CERT_HAS_EXPIRED'), 'CERT_HAS_EXPIRED'],
    ['a code in the cause', caused(coded('UND_ERR_SOCKET')), 'UND_ERR_SOCKET'],
    ['a code in a cause of a cause', caused(caused(coded('EPIPE'))), 'EPIPE'],
    [
      'several addresses tried',
      new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]),
      'ECONNREFUSED',
    ],
    ['an error without a code', new Error('secret'), '_OTHER'],
    ['a code of the application', coded('customer 4711 over budget'), '_OTHER'],
    ['a code that is longer than any of a system', coded(`E${'X'.repeat(80)}`), '_OTHER'],
    ['a code that is a number', coded(4711), '_OTHER'],
    ['causes that go round', cycle, '_OTHER'],
    ['an error that cannot be read', hostile, '_OTHER'],
  ])('calls %s by its name', (_what, error, expected) => {
    expect(errorType(error)).toBe(expected)
  })

  test.each<[string, unknown, string]>([
    ['with the error of another connection', coded('ECONNRESET'), 'aborted'],
    ['with an error', new Error('x'), 'aborted'],
    ['by AbortSignal.timeout', new DOMException('', 'TimeoutError'), 'timeout'],
    ['with something that cannot be read', hostile, 'aborted'],
  ])('knows a request that the caller ended %s', (_how, reason, expected) => {
    expect(errorType(reason, true)).toBe(expected)
  })
})
