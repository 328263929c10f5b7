import { describe, expect, it } from 'vitest'
import { ConfigurationError, resolveConfig } from '../../../src/config.ts'

const TWO_ACCOUNTS = { AIMLAPI_ACCOUNTS: 'prod=key-of-prod,test=key-of-test' }

function budgets(given: unknown, environment: Record<string, string> = TWO_ACCOUNTS) {
  return resolveConfig(given === undefined ? {} : { budgets: given as never }, environment).budgets
}

describe('budgets', () => {
  it('of AIMLAPI_BUDGETS hold for every account, for one of them, or for the value of a tag', () => {
    const AIMLAPI_BUDGETS = 'day=50, account:prod/month=1000.5 ,team:search/day=10,'
    expect(budgets(undefined, { ...TWO_ACCOUNTS, AIMLAPI_BUDGETS })).toStrictEqual([
      { account: 'prod', period: 'day', usd: 50 },
      { account: 'test', period: 'day', usd: 50 },
      { account: 'prod', period: 'month', usd: 1000.5 },
      { tag: { name: 'team', value: 'search' }, period: 'day', usd: 10 },
    ])
  })

  it('can be given as an object, whose tag values may hold every character', () => {
    expect(budgets({ 'team:a/b=c, d/month': 1 })).toStrictEqual([
      { tag: { name: 'team', value: 'a/b=c, d' }, period: 'month', usd: 1 },
    ])
  })

  it('without a key belong to the account that calls belong to', () => {
    expect(budgets({ day: 1 }, {})).toStrictEqual([{ account: 'default', period: 'day', usd: 1 }])
  })

  it.each([
    ['week=5', /"week"/],
    ['day', /"day"/],
    ['day=0', /"day=0"/],
    ['day=-1', /"day=-1"/],
    ['day=1e9', /"day=1e9"/],
    ['team/day=5', /"team\/day"/],
    ['account:nobody/day=5', /an account that is configured: prod, test/],
    ['day=5,day=6', /twice/],
    ['cost-center:a/day=5,cost.center:a/day=6', /has cost_center:a\/day twice/],
    [{ day: Number.NaN }, /NaN/],
    [['day=5'], /an array/],
  ])('that are %j are an error with what is accepted', (given, message) => {
    expect(() => budgets(given)).toThrow(ConfigurationError)
    expect(() => budgets(given)).toThrow(message)
  })
})

describe('a management key', () => {
  const keys = (environment: Record<string, string>, options = {}) =>
    Object.fromEntries(resolveConfig(options, environment).managementKeys)

  it('alone belongs to the only account, or to "default" where there is none', () => {
    expect(keys({ AIMLAPI_API_KEY: 'a', AIMLAPI_MANAGEMENT_KEY: ' m=1 ' })).toStrictEqual({ default: 'm=1' })
    expect(keys({ AIMLAPI_MANAGEMENT_KEY: 'm' })).toStrictEqual({ default: 'm' })
  })

  it('of each of several accounts is named, and that of the account itself wins', () => {
    const AIMLAPI_MANAGEMENT_KEY = 'prod=m1,test=m=2'
    expect(keys({ ...TWO_ACCOUNTS, AIMLAPI_MANAGEMENT_KEY })).toStrictEqual({ prod: 'm1', test: 'm=2' })
    const accounts = [{ name: 'prod', apiKey: 'a', managementKey: 'own' }]
    expect(keys({ AIMLAPI_MANAGEMENT_KEY: 'prod=m1' }, { accounts })).toStrictEqual({ prod: 'own' })
  })

  describe.each(['canary-key', 'prod=m1,nobody=canary-key', 'prod=canary-key,prod=m2', 'prod=canary key'])(
    'that cannot be used (%s)',
    (key) => {
      it('is a warning where the environment has it, and switches off nothing else', () => {
        const environment = { ...TWO_ACCOUNTS, AIMLAPI_MANAGEMENT_KEY: key }
        const { accounts, managementKeys, warnings } = resolveConfig({}, environment)
        expect(accounts).toHaveLength(2)
        expect(managementKeys.size).toBe(0)
        expect(warnings).toEqual([expect.stringContaining('AIMLAPI_MANAGEMENT_KEY')])
        expect(warnings.join()).not.toContain('canary')
      })

      it('is an error where it is an option; neither shows it', () => {
        const error: unknown = catchError(() => keys(TWO_ACCOUNTS, { managementKey: key }))
        expect(error).toBeInstanceOf(ConfigurationError)
        expect(String(error)).toContain('managementKey')
        expect(String(error)).not.toContain('canary')
      })
    },
  )
})

function catchError(fn: () => unknown): unknown {
  try {
    return fn()
  } catch (error) {
    return error
  }
}
