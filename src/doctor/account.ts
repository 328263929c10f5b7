/** Is there a key, does the API take it, is there money, and do the clocks agree? */
import { createClient, type Answer, type Client } from '../account/client.ts'
import { accountUrl, parseBalance, parseLegacyBalance, type BalanceFacts } from '../api/account.ts'
import type { Account, Config } from '../config.ts'
import type { Check } from './check.ts'

const CLOCK_NAME = 'clock'
/** A `Date` header has a resolution of one second, and travels. */
const TOLERATED_SKEW_MS = 10_000
const KEY_VARIABLE = 'AIMLAPI_API_KEY'

interface Asked {
  readonly answer: Answer
  readonly facts: BalanceFacts | undefined
  readonly skewMs: number | undefined
}

interface Source {
  readonly path: string
  readonly parse: (json: unknown) => BalanceFacts | undefined
}

const BALANCE: Source = { path: '/v2/billing', parse: parseBalance }
/** Also says whether the account itself calls its balance low. */
const LEGACY: Source = { path: '/v1/billing/balance', parse: parseLegacyBalance }

/** One check per account, and one of the clock. Asks two account endpoints at most, with each key. */
export async function checkAccounts(config: Config): Promise<Check[]> {
  const client = createClient()
  const checks: Check[] = []
  let skewMs: number | undefined
  try {
    // Without a key the API refuses, but it answers: that shows the way to it and its clock.
    const accounts = config.accounts.length === 0 ? [undefined] : config.accounts
    for (const account of accounts) {
      const { check, skewMs: measured } = await checkAccount(client, config.accountBaseUrl, account)
      checks.push(check)
      skewMs ??= measured
    }
  } finally {
    client.close()
  }
  return [...checks, checkClock(skewMs)]
}

async function checkAccount(
  client: Client,
  baseUrl: string,
  account: Account | undefined,
): Promise<{ check: Check; skewMs: number | undefined }> {
  const balance = await ask(client, baseUrl, BALANCE, account)
  const { skewMs, answer } = balance
  if (account === undefined) return { check: describeNoKey(answer, baseUrl), skewMs }
  const name = `account ${account.name}`
  const legacy = await ask(client, baseUrl, LEGACY, account)
  const facts = balance.facts ?? legacy.facts
  const check =
    facts === undefined
      ? describeFailure(name, errorTypeOf(answer), baseUrl)
      : describeBalance(name, facts, legacy.facts?.balanceLow === true)
  return { check, skewMs }
}

async function ask(
  client: Client,
  baseUrl: string,
  { path, parse }: Source,
  account: Account | undefined,
): Promise<Asked> {
  const sentMs = Date.now()
  const answer = await client.get(accountUrl(baseUrl, path), account?.apiKey ?? '')
  return {
    answer,
    facts: 'json' in answer ? parse(answer.json) : undefined,
    skewMs: answer.dateMs === undefined ? undefined : (sentMs + Date.now()) / 2 - answer.dateMs,
  }
}

function describeBalance(name: string, { balanceUsd = 0 }: BalanceFacts, isLow: boolean): Check {
  const said = `the key is accepted, the balance is ${balanceUsd.toFixed(2)} USD`
  const advice = 'Top up, or switch on automatic top-up, on the billing page of the account.'
  if (balanceUsd <= 0)
    return { name, status: 'failure', summary: `${said}: calls are answered with 403`, advice }
  if (isLow) return { name, status: 'warning', summary: `${said}, which the account calls low`, advice }
  return { name, status: 'ok', summary: said }
}

function describeNoKey(answer: Answer, baseUrl: string): Check {
  const errorType = errorTypeOf(answer)
  const isReached = /^[1-4]\d\d$/.test(errorType)
  if (!isReached) return describeFailure('account', errorType, baseUrl)
  return {
    name: 'account',
    status: 'warning',
    summary: `no API key is set; ${baseUrl} answers. Calls are measured, but there is no balance, and costs that a response does not say stay unknown`,
    advice: `Set ${KEY_VARIABLE} in the environment. A file is read with "node --env-file=.env"; what the application loads by itself comes too late for --import, and is not seen here.`,
  }
}

function describeFailure(name: string, errorType: string, baseUrl: string): Check {
  const [summary, advice] = FAILURES[errorType] ?? [
    `${baseUrl} could not be asked for the balance (${errorType})`,
    /^5\d\d$/.test(errorType)
      ? 'The API has a problem of its own. Run the doctor again later.'
      : 'Can this machine reach the API? Look at DNS, firewall and proxy: account requests go through the one that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name.',
  ]
  return { name, status: 'failure', summary, advice }
}

/** What the API's refusals mean. */
const FAILURES: Readonly<Record<string, readonly [summary: string, advice: string]>> = {
  '401': [
    'the API does not know the key (401)',
    `Check ${KEY_VARIABLE}: no quotes, no spaces, not disabled on the page of API keys.`,
  ],
  '403': [
    'the key must not read the account (403)',
    'Use a regular API key. Management keys are refused on account endpoints.',
  ],
  '429': ['the API asks for patience (429)', 'Run the doctor again in a minute.'],
  unparsable: [
    'the answer is not what the API documents',
    'Is the first URL of AIMLAPI_BASE_URLS the API itself? Account endpoints are asked there.',
  ],
  '404': [
    'the address has no account endpoints (404)',
    'Is the first URL of AIMLAPI_BASE_URLS the API itself? Account endpoints are asked there.',
  ],
}

function errorTypeOf(answer: Answer): string {
  return 'errorType' in answer ? answer.errorType : 'unparsable'
}

function checkClock(skewMs: number | undefined): Check {
  if (skewMs === undefined)
    return { name: CLOCK_NAME, status: 'skipped', summary: 'the API did not say its time' }
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  if (Math.abs(skewMs) <= TOLERATED_SKEW_MS)
    return { name: CLOCK_NAME, status: 'ok', summary: 'agrees with the clock of the API' }
  return {
    name: CLOCK_NAME,
    status: 'warning',
    summary: `is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} the clock of the API`,
    advice:
      'Synchronise it (NTP). Settlement allows for the difference, but times of spans and of alerts are wrong by it.',
  }
}
