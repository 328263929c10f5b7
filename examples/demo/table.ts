/** The demo's picture: a table by model, and what the account says. Plain text, no escape codes. */
import type { ModelSpend, Spend } from './metrics.ts'

/** What the simulated account really charged; nobody knows it of the real one. */
export interface Charged {
  readonly charged: number
  /** Of them, taken for jobs that still run. */
  readonly held: number
}

export interface Footer {
  readonly elapsedSeconds: number
  readonly charged: Charged | undefined
  /** One line each: name and address. */
  readonly addresses: ReadonlyArray<readonly [name: string, address: string]>
}

interface Column {
  readonly title: string
  readonly width: number
  readonly text: (row: ModelSpend) => string
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US')
const calls = (count: number): string => `${whole(count)} ${Math.round(count) === 1 ? 'call' : 'calls'}`
const usdText = (value: number): string => value.toFixed(value !== 0 && Math.abs(value) < 0.01 ? 6 : 4)

const COLUMNS: readonly Column[] = [
  { title: 'calls', width: 7, text: (row) => whole(row.calls) },
  { title: 'failed', width: 8, text: (row) => whole(row.failed) },
  { title: 'broken off', width: 12, text: (row) => whole(row.brokenOff) },
  { title: 'tokens in', width: 11, text: (row) => whole(row.inputTokens) },
  { title: 'tokens out', width: 12, text: (row) => whole(row.outputTokens) },
  { title: 'credits', width: 12, text: (row) => whole(row.credits) },
  { title: 'USD', width: 9, text: (row) => usdText(row.usd) },
]

const MODEL_WIDTH = 24

function rowText(row: ModelSpend): string {
  const model = row.model.length > MODEL_WIDTH ? `${row.model.slice(0, MODEL_WIDTH - 1)}…` : row.model
  return model.padEnd(MODEL_WIDTH) + COLUMNS.map(({ width, text }) => text(row).padStart(width)).join('')
}

/** How long the balance lasts at the pace of this demo. */
function runway(balanceUsd: number, spentUsd: number, elapsedSeconds: number): string {
  if (spentUsd <= 0 || elapsedSeconds <= 0) return 'no end in sight'
  const hours = balanceUsd / (spentUsd / elapsedSeconds) / 3600
  return hours < 1 ? `${whole(hours * 60)} min` : `${hours.toFixed(1)} h`
}

/** Lines of at most 95 characters. */
export function renderTable(spend: Spend, footer: Footer): string {
  const header = `${'model'.padEnd(MODEL_WIDTH)}${COLUMNS.map(({ title, width }) => title.padStart(width)).join('')}`
  const rule = '─'.repeat(header.length)
  const lines = [header, rule, ...spend.models.map(rowText), rule, rowText(spend.total), '']
  const line = (name: string, text: string): void => void lines.push(`${name.padEnd(12)}${text}`)
  if (spend.teams.length > 0) {
    line('teams', spend.teams.map(([team, credits]) => `${team} ${whole(credits)}`).join(' · '))
  }
  if (spend.balanceUsd !== undefined) {
    const lasts = runway(spend.balanceUsd, spend.total.usd, footer.elapsedSeconds)
    line('balance', `${spend.balanceUsd.toFixed(4)} USD, at this pace for ${lasts}`)
  }
  line('settled', `${whole(spend.settledCredits)} credits found in the account's log`)
  line('refunded', `${whole(spend.refundedCredits)} credits of jobs that failed`)
  line('open', `${calls(spend.pendingCalls)} pending, ${whole(spend.missingCalls)} missing`)
  if (footer.charged !== undefined) {
    const { charged, held } = footer.charged
    line('account', `${whole(charged)} credits charged, ${whole(held)} of them for running jobs`)
  }
  for (const [name, address] of footer.addresses) line(name, address)
  return lines.join('\n')
}
