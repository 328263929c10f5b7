/** Reads what a Prometheus would scrape, and sums it up by model. */

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const LINE = /^(?<name>[A-Za-z_:][A-Za-z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)(?: \d+)?$/
const LABEL = /(?<label>[A-Za-z_][A-Za-z0-9_]*)="(?<text>(?:[^"\\]|\\.)*)"/g
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' }

/** The samples of a page in Prometheus' text format. Lines that are none are passed over. */
export function parseMetrics(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const groups = LINE.exec(line)?.groups
    if (groups?.['name'] === undefined) return []
    const labels: Record<string, string> = {}
    for (const match of (groups['labels'] ?? '').matchAll(LABEL)) {
      const { label = '', text: value = '' } = match.groups ?? {}
      labels[label] = value.replace(/\\(.)/g, (whole, escaped: string) => ESCAPES[escaped] ?? whole)
    }
    return [{ name: groups['name'], labels, value: Number(groups['value']) }]
  })
}

export interface ModelSpend {
  readonly model: string
  calls: number
  failed: number
  /** By the caller, who wanted no more of the answer. */
  brokenOff: number
  inputTokens: number
  outputTokens: number
  credits: number
  usd: number
}

export interface Spend {
  /** The dearest first. */
  readonly models: readonly ModelSpend[]
  readonly total: ModelSpend
  /** Credits, refunds taken off. */
  readonly teams: ReadonlyArray<readonly [team: string, credits: number]>
  /** Of them, credits that only the account's log told. */
  readonly settledCredits: number
  readonly refundedCredits: number
  readonly pendingCalls: number
  readonly missingCalls: number
  /** undefined: the account has not answered yet, or is not asked. */
  readonly balanceUsd: number | undefined
}

function emptySpend(model: string): ModelSpend {
  return { model, calls: 0, failed: 0, brokenOff: 0, inputTokens: 0, outputTokens: 0, credits: 0, usd: 0 }
}

/** Values of `error_type` that say what the caller did, not what went wrong. */
const BROKEN_OFF: ReadonlySet<string> = new Set(['aborted', 'abandoned'])

/** Which column a series counts into. Refunds are taken off again, in credits. */
const COLUMNS: Readonly<Record<string, (row: ModelSpend, sample: Sample) => void>> = {
  aimlapi_requests_total(row, { labels, value }) {
    row.calls += value
    if (labels['error_type'] === undefined) return
    if (BROKEN_OFF.has(labels['error_type'])) row.brokenOff += value
    else row.failed += value
  },
  aimlapi_tokens_total(row, { labels, value }) {
    if (labels['gen_ai_token_type'] === 'input') row.inputTokens += value
    else row.outputTokens += value
  },
  aimlapi_credits_used_total: (row, { value }) => void (row.credits += value),
  aimlapi_credits_refunded_total(row, { value }) {
    row.credits -= value
    row.usd -= value / 2_000_000
  },
  aimlapi_cost_usd_total: (row, { value }) => void (row.usd += value),
}

export function spendOf(samples: readonly Sample[]): Spend {
  const models = new Map<string, ModelSpend>()
  const total = emptySpend('total')
  const teams = new Map<string, number>()
  const sum = (name: string, fits: (labels: Sample['labels']) => boolean = () => true): number =>
    samples.reduce((so, one) => (one.name === name && fits(one.labels) ? so + one.value : so), 0)

  for (const sample of samples) {
    const count = COLUMNS[sample.name]
    if (count === undefined) continue
    const name = sample.labels['gen_ai_request_model'] || '(unknown)'
    const row = models.get(name) ?? emptySpend(name)
    models.set(name, row)
    count(row, sample)
    count(total, sample)
    const team = sample.labels['aimlapi_tag_team']
    if (team === undefined) continue
    const ofTeam = emptySpend(team)
    count(ofTeam, sample)
    teams.set(team, (teams.get(team) ?? 0) + ofTeam.credits)
  }
  const balances = samples.filter(({ name }) => name === 'aimlapi_balance_usd')
  return {
    models: [...models.values()].sort((a, b) => b.credits - a.credits || b.calls - a.calls),
    total,
    teams: [...teams].sort((a, b) => b[1] - a[1]),
    settledCredits: sum(
      'aimlapi_credits_used_total',
      (labels) => labels['aimlapi_usage_source'] === 'ledger',
    ),
    refundedCredits: sum('aimlapi_credits_refunded_total'),
    pendingCalls: sum('aimlapi_usage_pending'),
    missingCalls: sum('aimlapi_usage_missing_total'),
    balanceUsd: balances.length === 0 ? undefined : balances.reduce((so, { value }) => so + value, 0),
  }
}
