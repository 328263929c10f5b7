/** The recording rules: names in the form level:metric:operations, where the level says which labels are left. */
import { config } from './config.ts'
import { account } from './rules/account.ts'
import { calls } from './rules/calls.ts'
import type { RecordingGroup, RecordingRule } from './rules/recorded.ts'
import { spend } from './rules/spend.ts'
import { totals } from './rules/totals.ts'

export type { RecordingGroup, RecordingRule }
export { ERROR_CLASS_LABEL, FIGURE_LABEL, recorded } from './rules/recorded.ts'

const { intervalSeconds } = config.counting

/** In this order; each reads totals, so that it does not matter when it is evaluated. */
export const recordingGroups: readonly RecordingGroup[] = [
  { name: 'aimlapi-totals', intervalSeconds, rules: totals },
  { name: 'aimlapi-spend', intervalSeconds, rules: spend },
  { name: 'aimlapi-account', intervalSeconds, rules: account },
  { name: 'aimlapi-calls', intervalSeconds, rules: calls },
]
