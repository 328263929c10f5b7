/** Switches and intervals of account polling. */
import { environmentOrigin, isEnvironmentOrigin, optionOrigin, rejectValue } from './errors.ts'
import { OPTION_VARIABLES } from './options.ts'
import {
  isObject,
  parseBoolean,
  parseInteger,
  readVariable,
  rejectUnknownKeys,
  type Environment,
} from './values.ts'

type PollOption = 'balance' | 'settlement' | 'usage' | 'ledger'
const ON_BY_DEFAULT: ReadonlySet<PollOption> = new Set(['balance', 'settlement'])
const POLL_FIELDS = ['enabled', 'intervalMs']
const SETTLEMENT_FIELDS = [...POLL_FIELDS, 'maxPending', 'settleOnShutdown']

const DEFAULT_INTERVAL_MS = 60_000
// A smaller number is a mistake in the unit; with a larger one setTimeout would fire at once.
const INTERVAL = { min: 100, max: 2_147_483_647, unit: ' milliseconds', also: '0 (off), or ' }
const OFF_WORDS: ReadonlySet<unknown> = new Set([0, '0', 'false', 'no', 'off'])

/** The option's own fields, else the variable, else the default. An interval of 0 is "off". */
export function resolvePoll(option: PollOption, given: unknown, environment: Environment) {
  const [variable = ''] = OPTION_VARIABLES[option]
  const { enabled, intervalMs } = readFields(option, given)
  const own = readInterval(optionOrigin(`${option}.intervalMs`), intervalMs)
  // Read even when the option wins, so that an invalid variable is reported now and not when the option is removed.
  const foreign = readInterval(environmentOrigin(variable), readVariable(environment, variable))
  const interval = own ?? foreign
  const isEnabled = interval === undefined ? ON_BY_DEFAULT.has(option) : interval > 0
  return {
    enabled: enabled === undefined ? isEnabled : parseBoolean(optionOrigin(`${option}.enabled`), enabled),
    intervalMs: interval === undefined || interval === 0 ? DEFAULT_INTERVAL_MS : interval,
  }
}

export function resolveSettlement(given: unknown, environment: Environment) {
  const { maxPending = 10_000, settleOnShutdown = false } = readFields('settlement', given)
  return {
    ...resolvePoll('settlement', given, environment),
    maxPending: parseInteger(optionOrigin('settlement.maxPending'), maxPending, { min: 1, max: 1_000_000 }),
    settleOnShutdown: parseBoolean(optionOrigin('settlement.settleOnShutdown'), settleOnShutdown),
  }
}

function readFields(option: PollOption, given: unknown): Readonly<Record<string, unknown>> {
  if (given === undefined) return {}
  if (typeof given === 'boolean') return { enabled: given }
  if (given === 0) return { enabled: false }
  const names = option === 'settlement' ? SETTLEMENT_FIELDS : POLL_FIELDS
  if (!isObject(given))
    return rejectValue(optionOrigin(option), given, `true, false, 0 or { ${names.join(', ')} }`)
  rejectUnknownKeys(given, names, `${option}.`)
  return given
}

/** Milliseconds; 0 stands for "off" and its other spellings. */
function readInterval(origin: string, value: unknown): number | undefined {
  if (value === undefined) return undefined
  const word = typeof value === 'string' && isEnvironmentOrigin(origin) ? value.trim().toLowerCase() : value
  return OFF_WORDS.has(word) ? 0 : parseInteger(origin, value, INTERVAL)
}
