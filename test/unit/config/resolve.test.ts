import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  ConfigurationError,
  OPTION_VARIABLES,
  resolveConfig,
  resolveSdkEnvironment,
  type Environment,
} from '../../../src/config.ts'

const NO_ENVIRONMENT = {}
// Assembled, so that secret scanners do not take it for a real one.
const KEY = ['sk', 'canary', '0123456789abcdef'].join('-')

function messageOf(options: unknown, environment: Record<string, string> = NO_ENVIRONMENT): string {
  try {
    resolveConfig(options as never, environment)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('without options and environment', () => {
  it('everything has the documented default', () => {
    expect(resolveConfig(undefined, NO_ENVIRONMENT)).toEqual({
      accounts: [],
      managementKeys: new Map(),
      baseUrls: [
        { origin: 'https://api.aimlapi.com', pathPrefix: '' },
        { origin: 'https://tools.aimlapi.com', pathPrefix: '' },
      ],
      accountBaseUrl: 'https://api.aimlapi.com',
      prometheus: { host: 'localhost', port: 9464, endpoint: '/metrics' },
      balance: { enabled: true, intervalMs: 60_000 },
      settlement: { enabled: true, intervalMs: 60_000, maxPending: 10_000, settleOnShutdown: false },
      usage: { enabled: false, intervalMs: 60_000 },
      budgets: [],
      ledger: { enabled: false, intervalMs: 60_000 },
      metricTags: [],
      tagsFrom: { baggage: [], span: [] },
      maxModels: 200,
      maxTagValues: 100,
      nestHttpSpans: true,
      latestConventions: false,
      onCall: undefined,
      sdk: resolveSdkEnvironment(NO_ENVIRONMENT),
      warnings: [],
    })
  })

  it('the configuration is frozen to its leaves', () => {
    const config = resolveConfig({ apiKey: KEY, metricTags: ['team'] }, NO_ENVIRONMENT)
    const parts = [
      config,
      config.accounts,
      config.accounts[0],
      config.baseUrls,
      config.balance,
      config.metricTags,
    ]
    expect(parts.every((part) => Object.isFrozen(part))).toBe(true)
  })

  it('an empty variable is an unset one', () => {
    const environment = {
      AIMLAPI_API_KEY: '',
      AIMLAPI_ACCOUNTS: ' ',
      AIMLAPI_BASE_URLS: '',
      AIMLAPI_BALANCE_INTERVAL_MS: '',
      AIMLAPI_METRIC_TAGS: '',
      AIMLAPI_NEST_HTTP_SPANS: '',
      OTEL_METRICS_EXPORTER: '',
      OTEL_EXPORTER_PROMETHEUS_PORT: '',
    }
    expect(resolveConfig({}, environment)).toEqual(resolveConfig({}, NO_ENVIRONMENT))
  })
})

describe('accounts', () => {
  it.each(['AIMLAPI_API_KEY', 'AIML_API_KEY', 'AIMLAPI_KEY'])('take the key of %s', (variable) => {
    expect(resolveConfig({}, { [variable]: ` ${KEY}\n` }).accounts).toEqual([
      { name: 'default', apiKey: KEY },
    ])
  })

  it('take the first key variable that is set', () => {
    const environment = { AIMLAPI_KEY: 'third', AIML_API_KEY: 'second', AIMLAPI_API_KEY: 'first' }
    expect(resolveConfig({}, environment).accounts[0]?.apiKey).toBe('first')
  })

  it('of AIMLAPI_ACCOUNTS win over a single key of the environment; keys may contain "="', () => {
    const environment = { AIMLAPI_API_KEY: 'x', AIMLAPI_ACCOUNTS: 'prod = a=b==, team/eu=c,' }
    expect(resolveConfig({}, environment).accounts).toEqual([
      { name: 'prod', apiKey: 'a=b==' },
      { name: 'team/eu', apiKey: 'c' },
    ])
  })

  it('of the options win over the environment', () => {
    const environment = { AIMLAPI_ACCOUNTS: 'a=1,b=2', AIMLAPI_API_KEY: 'x' }
    expect(resolveConfig({ apiKey: KEY }, environment).accounts).toEqual([{ name: 'default', apiKey: KEY }])
    const accounts = [{ name: 'prod', apiKey: KEY }]
    expect(resolveConfig({ accounts }, environment).accounts).toEqual(accounts)
  })

  const other = 'another-key'
  it.each<[string, unknown, Record<string, string>, RegExp]>([
    ['two ways at once', { apiKey: KEY, accounts: [] }, {}, /"accounts" and "apiKey" are both given/],
    ['an empty key', { apiKey: '  ' }, {}, /option "apiKey" has no key/],
    ['a key that is no text', { apiKey: 42 }, {}, /option "apiKey" is not text but a number/],
    [
      'a key with a space inside',
      { apiKey: `${KEY} ${KEY}` },
      {},
      /option "apiKey" has a bad key \(not shown\)/,
    ],
    ['no list', { accounts: KEY }, {}, /option "accounts" .* accepted: an array/],
    ['an empty list', { accounts: [] }, {}, /option "accounts" has no entry/],
    ['an entry that is no object', { accounts: [KEY] }, {}, /"accounts\[0\]" is not an object/],
    ['an unknown field', { accounts: [{ name: 'a', key: KEY }] }, {}, /"accounts\[0\]\.key" is unknown/],
    ['no name', { accounts: [{ apiKey: KEY }] }, {}, /"accounts\[0\]\.name" has no account name/],
    ['a reserved name', { accounts: [{ name: 'other', apiKey: KEY }] }, {}, /reserved name "other"/],
    ['a line break in a name', { accounts: [{ name: `a\n${KEY}`, apiKey: KEY }] }, {}, /bad account name/],
    [
      'a name twice',
      {
        accounts: [
          { name: KEY, apiKey: KEY },
          { name: KEY, apiKey: other },
        ],
      },
      {},
      /same account name in entries 1 and 2/,
    ],
    ['a key twice', {}, { AIMLAPI_ACCOUNTS: `a=${KEY},b=${KEY}` }, /same API key in entries 1 and 2/],
    ['an entry without "="', {}, { AIMLAPI_ACCOUNTS: `a=1,${KEY}` }, /AIMLAPI_ACCOUNTS, entry 2 has no "="/],
    [
      'an entry without a name',
      {},
      { AIMLAPI_ACCOUNTS: `=${KEY}` },
      /AIMLAPI_ACCOUNTS, entry 1 has no account name/,
    ],
  ])('with %s are an error that shows no key', (_, options, environment, expected) => {
    const message = messageOf(options, environment)
    expect(message).toMatch(expected)
    expect(message).toContain('accepted:')
    expect(message).not.toContain('canary')
  })
})

describe('a key of the environment that cannot be one', () => {
  it('switches off what needs it, is logged, and is not shown', () => {
    const { accounts, balance, warnings } = resolveConfig({}, { AIML_API_KEY: `${KEY}\t${KEY}` })
    expect(accounts).toEqual([])
    expect(balance.enabled).toBe(true)
    expect(warnings).toEqual([expect.stringMatching(/^environment variable AIML_API_KEY has a bad key/)])
    expect(warnings.join()).not.toContain('canary')
  })

  it('takes no other account with it', () => {
    const { accounts, warnings } = resolveConfig({}, { AIMLAPI_ACCOUNTS: `a=${KEY},b=${KEY} ${KEY}` })
    expect(accounts).toEqual([{ name: 'a', apiKey: KEY }])
    expect(warnings).toEqual([expect.stringContaining('the account b is left out')])
    expect(warnings.join()).not.toContain('canary')
  })

  it('or is empty, as of a secret that is not there, takes no other account with it either', () => {
    const { accounts, warnings } = resolveConfig({}, { AIMLAPI_ACCOUNTS: `a=,b=,c=${KEY}` })
    expect(accounts).toEqual([{ name: 'c', apiKey: KEY }])
    expect(warnings).toEqual([
      expect.stringContaining('has no key: the account a is left out'),
      expect.stringContaining('has no key: the account b is left out'),
    ])
  })
})

describe('variables that begin like ours', () => {
  const warningsOf = (environment: Record<string, string>) => resolveConfig({}, environment).warnings

  it('and are none are one line with the nearest names, and without values', () => {
    expect(warningsOf({ AIMLAPI_BASE_URL: 'https://api.aimlapi.com/v1', PATH: '/bin' })).toEqual([])
    expect(
      warningsOf({ AIMLAPI_BALANCE_INTERVAL: '1', AIMLAPI_METRICS_TAGS: KEY, AIMLAPI_XYZZY_PLUGH: '' }),
    ).toEqual([
      'unknown environment variables are ignored: AIMLAPI_BALANCE_INTERVAL (did you mean AIMLAPI_BALANCE_INTERVAL_MS?), ' +
        'AIMLAPI_METRICS_TAGS (did you mean AIMLAPI_METRIC_TAGS?), AIMLAPI_XYZZY_PLUGH',
    ])
  })

  it("and are of the vendor's own tools name what is observed as well", () => {
    const of = (environment: Record<string, string>) => resolveConfig({}, environment)
    const standard = of({}).baseUrls
    expect(of({ AIMLAPI_BASE_URL: 'https://api.aimlapi.com/v1' }).baseUrls).toEqual(standard)
    const { baseUrls, accountBaseUrl } = of({ AIMLAPI_INFERENCE_URL: 'https://inference.example/v1' })
    expect(baseUrls).toEqual([...standard, { origin: 'https://inference.example', pathPrefix: '/v1' }])
    expect(accountBaseUrl).toBe('https://api.aimlapi.com')
    const broken = of({ AIMLAPI_BASE_URL: 'inference' })
    expect(broken.baseUrls).toEqual(standard)
    expect(broken.warnings).toEqual([expect.stringContaining('AIMLAPI_BASE_URL has "inference"')])
  })
})

describe('messages', () => {
  it.each<[unknown, Record<string, string>, string]>([
    [null, {}, 'the options must be an object, and are null;'],
    ['text', {}, 'the options must be an object, and are a string;'],
    [
      { metricTags: Array.from({ length: 11 }, (_, i) => `t${i}`) },
      {},
      'option "metricTags" has 11 names; accepted: at most 10',
    ],
    [{ baseUrls: '"http://x"' }, {}, 'option "baseUrls" has a value in quotation marks'],
    [{ nestHttpSpans: 'no' }, {}, 'option "nestHttpSpans" is "no"; accepted: true or false'],
    [
      { settlement: { settleOnShutdown: 'yes' } },
      {},
      '"settlement.settleOnShutdown" is "yes"; accepted: true or false',
    ],
    [{ prometheus: { port: '9464' } }, {}, 'option "prometheus.port" is "9464"; accepted: a whole number'],
    [{ balance: { intervalMs: '5000' } }, {}, 'option "balance.intervalMs" is "5000"; accepted: 0 (off)'],
    [{ apiKey: 5 }, {}, 'option "apiKey" is not text but a number'],
    [
      {},
      { AIMLAPI_NEST_HTTP_SPANS: 'maybe' },
      'AIMLAPI_NEST_HTTP_SPANS is "maybe"; accepted: true, false (also',
    ],
  ])('of %j with %j say what is wrong', (options, environment, expected) => {
    expect(messageOf(options, environment)).toContain(expected)
  })
})

describe('switches and intervals', () => {
  it.each(['balance', 'settlement', 'usage', 'ledger'] as const)(
    'of %s: the option wins, field by field',
    (name) => {
      const variable = `AIMLAPI_${name.toUpperCase()}_INTERVAL_MS`
      const of = (option: unknown, value?: string) =>
        resolveConfig({ [name]: option }, value === undefined ? {} : { [variable]: value })[name]
      const standard = { enabled: name !== 'ledger' && name !== 'usage', intervalMs: 60_000 }
      expect(of(undefined)).toMatchObject(standard)
      expect(of({})).toMatchObject(standard)
      expect(of(undefined, '5000')).toMatchObject({ enabled: true, intervalMs: 5000 })
      for (const off of ['0', 'false', 'OFF', 'no'])
        expect(of(undefined, off)).toMatchObject({ enabled: false })
      expect(of(false, '5000')).toMatchObject({ enabled: false })
      expect(of(0, '5000')).toMatchObject({ enabled: false })
      expect(of(true, '0')).toMatchObject({ enabled: true, intervalMs: 60_000 })
      expect(of({ enabled: true }, '5000')).toMatchObject({ enabled: true, intervalMs: 5000 })
      expect(of({ intervalMs: 7000 }, '0')).toMatchObject({ enabled: true, intervalMs: 7000 })
      expect(of({ intervalMs: 0 }, '5000')).toMatchObject({ enabled: false, intervalMs: 60_000 })
      expect(of({ enabled: false, intervalMs: 7000 })).toMatchObject({ enabled: false, intervalMs: 7000 })
    },
  )

  it('of settlement include its bounds', () => {
    const { settlement } = resolveConfig(
      { settlement: { maxPending: 5, settleOnShutdown: true } },
      NO_ENVIRONMENT,
    )
    expect(settlement).toEqual({ enabled: true, intervalMs: 60_000, maxPending: 5, settleOnShutdown: true })
  })

  it.each<[unknown, Record<string, string>, string]>([
    [
      { balance: { intervalMs: 60 } },
      {},
      'option "balance.intervalMs" is 60; accepted: 0 (off), or a whole number',
    ],
    [{ balance: { intervalMs: 1e12 } }, {}, 'option "balance.intervalMs" is 1000000000000'],
    [{ balance: { intervalMs: 1000.5 } }, {}, 'option "balance.intervalMs" is 1000.5'],
    [{ balance: { intervalMs: Number.NaN } }, {}, 'option "balance.intervalMs" is NaN'],
    [{ balance: 'sometimes' }, {}, 'option "balance" is "sometimes"; accepted: true, false, 0 or {'],
    [
      { settlement: { maxPending: 0 } },
      {},
      'option "settlement.maxPending" is 0; accepted: a whole number from 1',
    ],
    [{ settlement: { settleOnShutdown: 'maybe' } }, {}, 'option "settlement.settleOnShutdown" is "maybe"'],
    [{}, { AIMLAPI_BALANCE_INTERVAL_MS: '1m' }, 'environment variable AIMLAPI_BALANCE_INTERVAL_MS is "1m"'],
    [{}, { AIMLAPI_LEDGER_INTERVAL_MS: '-5' }, 'environment variable AIMLAPI_LEDGER_INTERVAL_MS is "-5"'],
    [{ balance: false }, { AIMLAPI_BALANCE_INTERVAL_MS: 'x' }, 'AIMLAPI_BALANCE_INTERVAL_MS is "x"'],
  ])('of %j with %j are an error', (options, environment, expected) => {
    expect(messageOf(options, environment)).toContain(expected)
  })
})

const prometheusOf = (prometheus: unknown, environment: Record<string, string> = {}) =>
  resolveConfig({ prometheus } as never, environment).prometheus

describe('the Prometheus endpoint', () => {
  it('takes host and port of the environment where the option does not say', () => {
    const environment = { OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0', OTEL_EXPORTER_PROMETHEUS_PORT: '9999' }
    expect(prometheusOf(undefined, environment)).toEqual({
      host: '0.0.0.0',
      port: 9999,
      endpoint: '/metrics',
    })
    expect(prometheusOf({ port: 1234, endpoint: 'prom' }, environment)).toEqual({
      host: '0.0.0.0',
      port: 1234,
      endpoint: '/prom',
    })
  })

  it('is off where OTEL_METRICS_EXPORTER names other exporters only, and on where it is among them', () => {
    expect(prometheusOf(undefined, { OTEL_METRICS_EXPORTER: 'otlp' })).toBe(false)
    expect(prometheusOf(undefined, { OTEL_METRICS_EXPORTER: 'none' })).toBe(false)
    expect(prometheusOf(undefined, { OTEL_METRICS_EXPORTER: 'otlp, prometheus' })).not.toBe(false)
    expect(prometheusOf({ port: 1234 }, { OTEL_METRICS_EXPORTER: 'otlp' })).toMatchObject({ port: 1234 })
    expect(prometheusOf(true, { OTEL_METRICS_EXPORTER: 'none' })).not.toBe(false)
    expect(prometheusOf(false, { OTEL_METRICS_EXPORTER: 'prometheus' })).toBe(false)
  })

  it.each<[unknown, Record<string, string>, string]>([
    [{ port: 0 }, {}, 'option "prometheus.port" is 0; accepted: a whole number from 1 to 65535'],
    [{ port: '70000' }, {}, 'option "prometheus.port" is "70000"'],
    [{ host: 'http://x' }, {}, 'option "prometheus.host" is "http://x"'],
    [{ endpoint: '/a b' }, {}, 'option "prometheus.endpoint" is "/a b"'],
    ['yes', {}, 'option "prometheus" is "yes"'],
    [{ prt: 1 }, {}, 'Did you mean "prometheus.port"?'],
    [undefined, { OTEL_EXPORTER_PROMETHEUS_PORT: 'metrics' }, 'OTEL_EXPORTER_PROMETHEUS_PORT is "metrics"'],
  ])('with %j and %j is an error', (prometheus, environment, expected) => {
    expect(messageOf({ prometheus }, environment)).toContain(expected)
  })
})

const onCall = () => {}

describe('other options', () => {
  it('come from the environment as text', () => {
    const config = resolveConfig(
      {},
      {
        AIMLAPI_METRIC_TAGS: 'team, feature',
        AIMLAPI_NEST_HTTP_SPANS: 'No',
        OTEL_SEMCONV_STABILITY_OPT_IN: 'http, gen_ai_latest_experimental',
      },
    )
    expect(config).toMatchObject({
      metricTags: ['team', 'feature'],
      nestHttpSpans: false,
      latestConventions: true,
    })
  })

  it('win over the environment', () => {
    const config = resolveConfig(
      { metricTags: ['plan'], nestHttpSpans: true, maxModels: 5, maxTagValues: 6, onCall, enabled: false },
      { AIMLAPI_METRIC_TAGS: 'team', AIMLAPI_NEST_HTTP_SPANS: '0' },
    )
    expect(config).toMatchObject({
      metricTags: ['plan'],
      nestHttpSpans: true,
      maxModels: 5,
      maxTagValues: 6,
      onCall,
    })
  })

  it.each<[unknown, Record<string, string>, string]>([
    [{ metricTags: 'team' }, {}, 'option "metricTags" is "team"; accepted: an array of tag names'],
    [{ metricTags: ['1st'] }, {}, 'option "metricTags" has "1st"'],
    [{ metricTags: ['a-b', 'a_b'] }, {}, 'option "metricTags" has "a_b"; accepted: each name once'],
    [{ metricTags: Array.from({ length: 11 }, (_, i) => `t${i}`) }, {}, 'at most 10'],
    [{}, { AIMLAPI_METRIC_TAGS: 'team,two words' }, 'AIMLAPI_METRIC_TAGS has "two words"'],
    [
      {},
      { AIMLAPI_NEST_HTTP_SPANS: 'perhaps' },
      'AIMLAPI_NEST_HTTP_SPANS is "perhaps"; accepted: true, false',
    ],
    [{ maxModels: 0 }, {}, 'option "maxModels" is 0'],
    [{ maxTagValues: '1e3' }, {}, 'option "maxTagValues" is "1e3"'],
    [{ onCall: 'log' }, {}, 'option "onCall" is "log"; accepted: a function'],
    [{ enabled: 'no' }, {}, 'option "enabled" is "no"; accepted: true or false'],
    [{ metricTags: null }, {}, 'option "metricTags" is null; accepted: an array of tag names'],
    [{ budgets: null }, {}, 'option "budgets" is null; accepted: day=50'],
    [{ managementKey: 5 }, {}, 'option "managementKey" is not text but a number; accepted: a key'],
    [
      { baseUrls: [5] },
      {},
      'option "baseUrls" has a number, which is not text; accepted: http or https URLs',
    ],
    ['sk-1', {}, 'the options must be an object, and are a string; accepted: an object'],
  ])('%j with %j are an error', (options, environment, expected) => {
    expect(messageOf(options, environment)).toContain(expected)
  })

  it('that do not exist are an error with the name that was probably meant', () => {
    expect(messageOf({ baseURLs: [] })).toMatch(
      /option "baseURLs" is unknown; accepted: .* Did you mean "baseUrls"\?/,
    )
    expect(messageOf({ balance: { interval: 5 } })).toContain('Did you mean "balance.intervalMs"?')
    expect(messageOf({ somethingElse: 1 })).not.toContain('Did you mean')
  })
})

it('a management key may have a comma behind it, as an entry of a list has', () => {
  const { managementKeys } = resolveConfig({ apiKey: KEY, managementKey: `${KEY}, ` }, NO_ENVIRONMENT)
  expect([...managementKeys.values()]).toEqual([KEY])
})

it('every option of the table is accepted, and each of its variables is read', () => {
  const samples: Record<string, unknown> = {
    apiKey: KEY,
    accounts: [{ name: 'a', apiKey: KEY }],
    baseUrls: ['http://127.0.0.1:1'],
    prometheus: false,
    onCall,
    metricTags: ['team'],
    maxModels: 1,
    maxTagValues: 1,
    balance: false,
    settlement: false,
    managementKey: KEY,
    usage: true,
    budgets: { day: 5 },
    ledger: true,
    nestHttpSpans: false,
  }
  const show = (environment: Environment): string =>
    inspect(resolveConfig({}, environment), { depth: Infinity })
  const standard = show(NO_ENVIRONMENT)
  const texts = ['off', '12345', 'a=b', 'day=5', 'https://example.test']
  const unread: string[] = []
  for (const [option, environment] of Object.entries(OPTION_VARIABLES)) {
    expect(() => resolveConfig({ [option]: samples[option] }, NO_ENVIRONMENT)).not.toThrow()
    for (const variable of environment) {
      const changed = texts.some((text) => {
        try {
          return show({ [variable]: text }) !== standard
        } catch {
          return false
        }
      })
      if (!changed) unread.push(variable)
    }
  }
  expect(unread).toEqual([])
})
