/** Ways to count wrongly, one line of code each, and the tests that must notice. `npm run mutate` tries them all. */

export interface Mutation {
  /** What the library does then. */
  readonly says: string
  readonly file: string
  /** Stands exactly once in the file. */
  readonly from: string
  readonly to: string
  /** Test files or folders. */
  readonly tests: readonly string[]
}

const API = [
  'test/unit/api/response.test.ts',
  'test/unit/api/usage.test.ts',
  'test/unit/api/fixtures.test.ts',
]
const CALLS = ['test/unit/calls']
const SETTLEMENT = ['test/unit/account/settlement.test.ts']
const LEDGER = ['test/unit/account/ledger.test.ts']

export const MUTATIONS: readonly Mutation[] = [
  {
    says: 'the body wins over the header',
    file: 'src/api/cost.ts',
    from: 'header.credits ?? body.credits ??',
    to: 'body.credits ?? header.credits ??',
    tests: API,
  },
  {
    says: 'dollars alone are no credits',
    file: 'src/api/cost.ts',
    from: '(reportedUsd === undefined ? undefined : toCredits(reportedUsd))',
    to: 'undefined',
    tests: API,
  },
  {
    says: 'credits from dollars are cut, not rounded',
    file: 'src/api/cost.ts',
    from: 'return Math.round(usd * CREDITS_PER_USD)',
    to: 'return Math.floor(usd * CREDITS_PER_USD)',
    tests: API,
  },
  {
    says: 'reported dollars are computed instead',
    file: 'src/api/cost.ts',
    from: 'usage.usd = reportedUsd ?? credits / CREDITS_PER_USD',
    to: 'usage.usd = credits / CREDITS_PER_USD',
    tests: API,
  },
  {
    says: 'credits under their old name are not known',
    file: 'src/api/cost.ts',
    from: '(legacyCredits ?? credits)',
    to: 'credits',
    tests: API,
  },
  {
    says: 'a negative count is counted',
    file: 'src/api/usage.ts',
    from: 'Number.isSafeInteger(value) && (value as number) >= 0',
    to: 'Number.isSafeInteger(value)',
    tests: API,
  },
  {
    says: 'a count beyond what is exact is counted',
    file: 'src/api/usage.ts',
    from: 'Number.isSafeInteger(value) && (value as number) >= 0',
    to: 'Number.isFinite(value) && (value as number) >= 0',
    tests: API,
  },
  {
    says: "Anthropic's cached tokens are left out of the input",
    file: 'src/api/usage.ts',
    from: 'safeSum(input, cacheReadApart + cacheWriteApart)',
    to: 'input',
    tests: API,
  },
  {
    says: 'reasoning that a vendor left out stays out',
    file: 'src/api/usage.ts',
    from: 'leftOut ? safeSum(output, reasoning) : output',
    to: 'output',
    tests: API,
  },
  {
    says: 'reasoning that is inside is added again',
    file: 'src/api/usage.ts',
    from: 'total === input + output + reasoning',
    to: 'reasoning > 0',
    tests: API,
  },
  {
    says: 'a total without anything else is not input',
    file: 'src/api/usage.ts',
    from: 'output === undefined ? total : undefined',
    to: 'undefined',
    tests: API,
  },
  {
    says: 'credits count again with every poll',
    file: 'src/calls/generation.ts',
    from: 'generation.credits === undefined && usage.credits',
    to: 'usage.credits',
    tests: CALLS,
  },
  {
    says: 'tokens count again with every response',
    file: 'src/calls/generation.ts',
    from: '!generation.tokensCounted && reportsTokens(usage)',
    to: 'reportsTokens(usage)',
    tests: CALLS,
  },
  {
    says: 'what is reported of a failed generation counts',
    file: 'src/calls/generation.ts',
    from: 'if (generation.failed || generation.lost)',
    to: 'if (generation.lost)',
    tests: CALLS,
  },
  {
    says: 'what was reported missing counts as well when it comes late',
    file: 'src/calls/generation.ts',
    from: 'if (generation.failed || generation.lost)',
    to: 'if (generation.failed)',
    tests: CALLS,
  },
  {
    says: 'every failed poll refunds',
    file: 'src/calls/books.ts',
    from: 'if (generation.failed) return 0',
    to: '',
    tests: CALLS,
  },
  {
    says: 'nothing is ever refunded',
    file: 'src/calls/books.ts',
    from: 'if (credits > 0) this.#sink.refunded',
    to: 'if (credits < 0) this.#sink.refunded',
    tests: CALLS,
  },
  {
    says: 'a job that was counted is looked for in the log all the same',
    file: 'src/calls/books.ts',
    from: "generation.credits !== undefined && source === 'response'",
    to: "generation.credits === undefined && source === 'response'",
    tests: CALLS,
  },
  {
    says: "a lost attempt takes its retry's row in the log",
    file: 'src/calls/books.ts',
    from: '!this.#taken.has(inferenceId)',
    to: 'true',
    tests: CALLS,
  },
  {
    says: 'the row of one lost attempt settles the next one too',
    file: 'src/calls/books.ts',
    from: 'if (inferenceId !== undefined) this.take(inferenceId)',
    to: '',
    tests: CALLS,
  },
  {
    says: 'what the log told counts as told by the response',
    file: 'src/calls/books.ts',
    from: "this.count(generation, usage, 'ledger')",
    to: "this.count(generation, usage, 'response')",
    tests: CALLS,
  },
  {
    says: 'a generation is missing once for every response',
    file: 'src/calls/books.ts',
    from: 'if (generation.lost || generation.failed) return',
    to: '',
    tests: CALLS,
  },
  {
    says: "a batch's results count again when they are fetched again",
    file: 'src/calls/closing.ts',
    from: 'batch.items.has(item.customId) ||',
    to: '',
    tests: CALLS,
  },
  {
    says: 'an answer of 4xx or 5xx is charged',
    file: 'src/calls/closing.ts',
    from: 'if (!isSuccess(status)) return false',
    to: '',
    tests: CALLS,
  },
  {
    says: 'a request that never left is charged',
    file: 'src/calls/closing.ts',
    from: "return wasSent && route.phase !== 'poll'",
    to: "return route.phase !== 'poll'",
    tests: CALLS,
  },
  {
    says: 'a job is missing before its polls had their say',
    file: 'src/calls/closing.ts',
    from: "if (call.route.phase === 'create') return call.transportError !== undefined",
    to: '',
    tests: CALLS,
  },
  {
    says: "another process's job is missing here",
    file: 'src/calls/closing.ts',
    from: '!generation.createdHere || generation.lost',
    to: 'generation.lost',
    tests: CALLS,
  },
  {
    says: 'a poll begins before the call that it asks about is entered',
    file: 'src/calls/observer.ts',
    from: "if (route.phase !== 'sync') deferral.recordAll()",
    to: '',
    tests: CALLS,
  },
  {
    says: 'a call is entered twice',
    file: 'src/calls/deferral.ts',
    from: 'for (let call = this.#waiting.shift(); call !== undefined; call = this.#waiting.shift())\n      this.#record(call)',
    to: 'for (const call of this.#waiting) this.#record(call)',
    tests: CALLS,
  },
  {
    says: 'a poll counts under its own tags and account',
    file: 'src/calls/attribution.ts',
    from: "return phase === 'poll' && generationId !== undefined",
    to: "return phase !== 'poll' && generationId !== undefined",
    tests: CALLS,
  },
  {
    says: 'a forgotten generation of unknown cost is not missing',
    file: 'src/calls/generations.ts',
    from: 'if (isOpen) this.#onLost(generation, reason)',
    to: '',
    tests: CALLS,
  },
  {
    says: 'a foreign key spends on the first account',
    file: 'src/calls/account-finder.ts',
    from: 'return OTHER_ACCOUNT',
    to: "return accounts[0]?.name ?? ''",
    tests: CALLS,
  },
  {
    says: 'of several rows of one inference the log counts one',
    file: 'src/account/log-matches.ts',
    from: 'rows.reduce((total, row) => total + read(row), 0)',
    to: 'read(rows[0] as LogRow)',
    tests: SETTLEMENT,
  },
  {
    says: 'a row on two overlapping pages counts twice',
    file: 'src/account/log-matches.ts',
    from: 'rows.set(row.identity, row)',
    to: 'rows.set(`${row.identity}${rows.size}`, row)',
    tests: SETTLEMENT,
  },
  {
    says: 'more rows than calls under one client request id are dealt out',
    file: 'src/account/log-matches.ts',
    from: 'if (groups.length > calls.length) return []',
    to: '',
    tests: SETTLEMENT,
  },
  {
    says: 'what is not found is never given up',
    file: 'src/account/settlement.ts',
    from: 'pending.expire(roundAtMs - MAX_AGE_MS)',
    to: '',
    tests: SETTLEMENT,
  },
  {
    says: 'ledger entries are told again with every overlapping window',
    file: 'src/account/seen-entries.ts',
    from: 'if (known >= times) return false',
    to: '',
    tests: LEDGER,
  },
  {
    says: 'of equal ledger entries one is told',
    file: 'src/account/seen-entries.ts',
    from: 'known >= times',
    to: 'known >= 1',
    tests: LEDGER,
  },
  {
    says: 'charges from before the start are told',
    file: 'src/account/ledger.ts',
    from: 'if (row.createdMs >= sinceMs && window.isNew(row)) tell(row)',
    to: 'if (window.isNew(row)) tell(row)',
    tests: LEDGER,
  },
  {
    says: 'a charge that lands later than the newest stretch is never told',
    file: 'src/account/ledger.ts',
    from: '(await readFresh()) ?? readOlder()',
    to: '(await readFresh()) ?? {}',
    tests: LEDGER,
  },
]
