/** The test files of promtool: which rules each loads, and at what pace it evaluates them. */
import { alertGroups } from '../alerts/index.ts'
import { recordingGroups } from '../recording-rules.ts'
import { balanceTests } from './balance.ts'
import { callTests } from './calls.ts'
import { recordingTests } from './recording.ts'
import { type RuleTest, promtoolTest } from './rule-test.ts'
import { longTests, spendTests } from './spend.ts'

const ALL = ['aimlapi-increments.yml', 'aimlapi-recording.yml', 'aimlapi-alerts.yml']
const WITHOUT_INCREMENTS = ALL.slice(1)

/** Without it promtool takes groups in any order, and a rule may read what another records one step later. */
const groupOrder = [...recordingGroups, ...alertGroups].map((group) => group.name)

function testFile(ruleFiles: readonly string[], tests: readonly RuleTest[], interval = '30s'): object {
  return {
    rule_files: ruleFiles.map((file) => `../rules/${file}`),
    evaluation_interval: interval,
    group_eval_order: groupOrder.filter((name) => ruleFiles === ALL || name !== recordingGroups[0]?.name),
    tests: tests.map(promtoolTest),
  }
}

const byInterval = (interval: string) => longTests.filter((test) => test.interval === interval)

/** File name → content. */
export const ruleTestFiles: Readonly<Record<string, object>> = {
  'recording.test.yml': testFile(ALL, recordingTests),
  'balance.test.yml': testFile(ALL, balanceTests),
  'spend.test.yml': testFile(ALL, spendTests),
  'hours.test.yml': testFile(WITHOUT_INCREMENTS, byInterval('5m'), '5m'),
  'days.test.yml': testFile(WITHOUT_INCREMENTS, byInterval('15m'), '15m'),
  'months.test.yml': testFile(WITHOUT_INCREMENTS, byInterval('4h'), '4h'),
  'calls.test.yml': testFile(ALL, callTests),
}

/** Every test, for the check that no alert is without one. */
export const ruleTests: readonly RuleTest[] = [
  ...recordingTests,
  ...balanceTests,
  ...spendTests,
  ...longTests,
  ...callTests,
]
