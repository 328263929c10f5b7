import { describe, expect, it } from 'vitest'
import { createAccountFinder } from '../../../src/calls/account-finder.ts'

const headers =
  (values: Record<string, string>) =>
  (name: string): string | undefined =>
    values[name]

describe('the account of a call', () => {
  const find = createAccountFinder([
    { name: 'main', apiKey: 'key-main' },
    { name: 'batch', apiKey: 'key-batch' },
  ])

  it.each([
    [{ authorization: 'Bearer key-main' }, 'main'],
    [{ authorization: 'bearer  key-batch ' }, 'batch'],
    [{ 'x-api-key': 'key-batch' }, 'batch'],
    [{ 'api-key': 'key-main' }, 'main'],
    [{ 'x-goog-api-key': 'key-batch' }, 'batch'],
    [{ authorization: 'Token key-main' }, 'main'],
    [{ authorization: 'Basic key-main' }, 'other'],
    [{ authorization: 'Bearer key-mai' }, 'other'],
    [{}, 'other'],
  ])('of %j is %s', (values, account) => {
    expect(find(headers(values))).toBe(account)
  })

  it('is the default one while no key is configured', () => {
    expect(createAccountFinder([])(headers({ authorization: 'Bearer anything' }))).toBe('default')
  })
})
