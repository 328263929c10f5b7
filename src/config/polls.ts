/** Switches and intervals of account polling. */
import { environmentOrigin, isEnvironmentOrigin, optionOrigin, rejectValue } from './errors.ts'
import {
  isObject,
  parseBoolean,
  parseInteger,
  readVariable,
  rejectUnknownKeys,
  type Environment,
  type IntegerRange,
} from './values.ts'

/** A poll of the account: whether and how often. */
export interface PollOptions {
  readonly enabled: boolean
  readonly intervalMs: number
}

/** Settlement: whether, how often, how many calls. */
export interface SettlementOptions extends PollOptions {
  readonly maxPending: number
  readonly settleOnShutdown: boolean
}

/** The option and variable of a poll, and its default. */
export interface PollRow {
  readonly option: 'balance' | 'settlement' | 'usage' | 'ledger'
  readonly variable: string
  readonly enabled: boolean
}

const DEFAULT_INTERVAL_MS = 60_000
// A smaller number is a mistake in the unit; with a larger one setTimeout would fire at once.
const INTERVAL: IntegerRange = { min: 100, max: 2_147_483_647, unit: ' milliseconds', also: '0 (off), or ' }
const POLL_KEYS = ['enabled', 'intervalMs']
const OFF_WORDS: ReadonlySet<unknown> = new Set([0, '0', 'false', 'no', 'off'])

/** The poll of a row: the option's own fields, else the variable, else the default. An interval of 0 is "off". */
export function resolvePoll(row: PollRow, given: unknown, environment: Environment): PollOptions {
  const { fields } = readPollObject(row, given, POLL_KEYS)
  return mergePoll(row, fields, environment)
}

export function resolveSettlement(row: PollRow, given: unknown, environment: Environment): SettlementOptions {
  const { fields } = readPollObject(row, given, [...POLL_KEYS, 'maxPending', 'settleOnShutdown'])
  const at = (name: string) => optionOrigin(`${row.option}.${name}`)
  const { maxPending, settleOnShutdown } = fields
  return {
    ...mergePoll(row, fields, environment),
    maxPending:
      maxPending === undefined
        ? 10_000
        : parseInteger(at('maxPending'), maxPending, { min: 1, max: 1_000_000 }),
    settleOnShutdown:
      settleOnShutdown === undefined ? false : parseBoolean(at('settleOnShutdown'), settleOnShutdown),
  }
}

function readPollObject(
  row: PollRow,
  given: unknown,
  known: readonly string[],
): { fields: Readonly<Record<string, unknown>> } {
  if (given === undefined) return { fields: {} }
  if (typeof given === 'boolean') return { fields: { enabled: given } }
  if (given === 0) return { fields: { enabled: false } }
  if (!isObject(given))
    return rejectValue(optionOrigin(row.option), given, `true, false, 0 or { ${known.join(', ')} }`)
  rejectUnknownKeys(given, known, `${row.option}.`)
  return { fields: given }
}

function mergePoll(
  row: PollRow,
  fields: Readonly<Record<string, unknown>>,
  environment: Environment,
): PollOptions {
  const { enabled, intervalMs } = fields
  const own =
    intervalMs === undefined ? undefined : readInterval(optionOrigin(`${row.option}.intervalMs`), intervalMs)
  const variable = readVariable(environment, row.variable)
  // Read even when the option wins, so that an invalid variable is reported now and not when the option is removed.
  const foreign = variable === undefined ? undefined : readInterval(environmentOrigin(row.variable), variable)
  const interval = own ?? foreign
  const isOn = interval === undefined ? row.enabled : interval > 0
  return {
    enabled: enabled === undefined ? isOn : parseBoolean(optionOrigin(`${row.option}.enabled`), enabled),
    intervalMs: interval === undefined || interval === 0 ? DEFAULT_INTERVAL_MS : interval,
  }
}

/** Milliseconds; 0 stands for "off" and its other spellings. */
function readInterval(origin: string, value: unknown): number {
  const word = typeof value === 'string' && isEnvironmentOrigin(origin) ? value.trim().toLowerCase() : value
  return OFF_WORDS.has(word) ? 0 : parseInteger(origin, value, INTERVAL)
}
