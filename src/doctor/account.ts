/** Checks the key, the balance and the clock of each account. */
import type { AccountRequest } from '../account/account-api.ts'
import { BALANCE, LEGACY_BALANCE } from '../account/balance.ts'
import { createClient } from '../account/client.ts'
import { ALL_KEYS } from '../api/account-keys.ts'
import { accountUrl, type BalanceFacts } from '../api/account.ts'
import type { Account, Config } from '../config.ts'
import { findingsOf, type Check } from './check.ts'

/** A `Date` header has a resolution of one second, and the network delays it. */
const TOLERATED_SKEW_MS = 10_000
const KEY_VARIABLE = 'AIMLAPI_API_KEY'

/** One check per account and management key, and one of the clock. Sends at most two requests with each key. */
export async function checkAccounts(config: Config): Promise<Check[]> {
  const { accounts, managementKeys, accountBaseUrl: baseUrl } = config
  const client = createClient()
  const checks: Check[] = []
  let skewMs: number | undefined

  async function ask<Facts>(source: Pick<AccountRequest<Facts>, 'path' | 'parse'>, apiKey: string) {
    const sentMs = Date.now()
    const response = await client.get(accountUrl(baseUrl, source.path), apiKey)
    if (response.dateMs !== undefined) skewMs ??= (sentMs + Date.now()) / 2 - response.dateMs
    return {
      facts: 'json' in response ? source.parse(response.json) : undefined,
      errorType: 'errorType' in response ? response.errorType : 'unparsable',
    }
  }

  async function checkAccount({ name, apiKey }: Account): Promise<Check> {
    const { facts: basic, errorType } = await ask(BALANCE, apiKey)
    const legacy = await ask(LEGACY_BALANCE, apiKey)
    const facts = basic ?? legacy.facts
    return facts === undefined
      ? describeFailure(`account ${name}`, errorType, baseUrl)
      : describeBalance(`account ${name}`, facts, legacy.facts?.balanceLow === true)
  }

  try {
    for (const account of accounts) checks.push(await checkAccount(account))
    for (const [name, key] of managementKeys) {
      const { facts, errorType } = await ask(ALL_KEYS, key)
      checks.push(describeKeys(`management key ${name}`, facts?.keys.length, errorType))
    }
    // Without a key the API refuses, but the response shows that it can be reached, and its clock.
    if (accounts.length === 0) checks.push(describeNoKey((await ask(BALANCE, '')).errorType, baseUrl))
  } finally {
    client.close()
  }
  return [...checks, checkClock(skewMs)]
}

function describeBalance(name: string, { balanceUsd = 0 }: BalanceFacts, isLow: boolean): Check {
  const { failure, warning, ok } = findingsOf(name)
  const summary = `the key is accepted, the balance is ${balanceUsd.toFixed(2)} USD`
  const advice = 'Top up, or switch on automatic top-up, on the billing page of the account.'
  if (balanceUsd <= 0) return failure(`${summary}: calls are refused (403)`, advice)
  return isLow ? warning(`${summary}, which the API considers low`, advice) : ok(summary)
}

function describeKeys(name: string, keys: number | undefined, errorType: string): Check {
  const { failure, ok } = findingsOf(name)
  if (keys !== undefined) return ok(`is accepted, and lists ${keys} ${keys === 1 ? 'key' : 'keys'}`)
  return failure(
    errorType === '403' ? 'is no management key (403)' : `cannot list the keys of the account (${errorType})`,
    'Check AIMLAPI_MANAGEMENT_KEY: it has to be a management key of this account, complete, and enabled. Without it limits and usage of other keys are not shown.',
  )
}

function describeNoKey(errorType: string, baseUrl: string): Check {
  const isReached = /^[1-4]\d\d$/.test(errorType)
  if (!isReached) return describeFailure('account', errorType, baseUrl)
  return findingsOf('account').warning(
    `no API key is set; ${baseUrl} can be reached. Calls are measured, but there is no balance, and a cost that is not in a response stays unknown`,
    `Set ${KEY_VARIABLE} in the environment. A file is read with "node --env-file=.env"; variables that the application loads by itself come too late for --import, and the doctor does not see them.`,
  )
}

function describeFailure(name: string, errorType: string, baseUrl: string): Check {
  const [summary, advice] = FAILURES[errorType.replace(/^3\d\d$/, 'redirect')] ?? [
    `the request for the balance to ${baseUrl} failed (${errorType})`,
    /^5\d\d$/.test(errorType)
      ? 'The API has a fault. Run the doctor again later.'
      : 'Check DNS, firewall and proxy of this machine. Account requests use HTTPS_PROXY, HTTP_PROXY and NO_PROXY, not a proxy that the application sets up.',
  ]
  return findingsOf(name).failure(summary, advice)
}

const WRONG_URL = 'Is the first URL of AIMLAPI_BASE_URLS the API itself? Account requests are sent there.'
/** Summary and advice by error type. */
const FAILURES: Readonly<Record<string, readonly [summary: string, advice: string]>> = {
  '401': [
    'the API refuses the key (401)',
    `Check ${KEY_VARIABLE}: is it complete, without quotes and spaces, and enabled on the page of API keys?`,
  ],
  '403': [
    'the key is not allowed to read the account (403)',
    'Use a regular API key here: account endpoints refuse management keys.',
  ],
  '429': ['too many requests were sent with this key (429)', 'Run the doctor again in a minute.'],
  redirect: ['the base URL leads elsewhere (a redirect, which is not followed with a key)', WRONG_URL],
  unparsable: ['the response has not the documented form', WRONG_URL],
  '404': ['the base URL has no account endpoints (404)', WRONG_URL],
}

function checkClock(skewMs: number | undefined): Check {
  const { skipped, ok, warning } = findingsOf('clock')
  if (skewMs === undefined) return skipped('no response of the API had a Date header')
  if (Math.abs(skewMs) <= TOLERATED_SKEW_MS) return ok('agrees with the clock of the API')
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  return warning(
    `is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} the clock of the API`,
    'Synchronise the clock (NTP). Settlement corrects the difference, but the times of spans and alerts are wrong by it.',
  )
}
