/** The test files of promtool: which rules each loads, and at what pace it evaluates them. */
import { alertGroups } from '../alerts/index.ts'
import { recordingGroups } from '../recording-rules.ts'
import { balanceTests } from './balance.ts'
import { callTests } from './calls.ts'
import { calmTests } from './calm.ts'
import { recordingTests } from './recording.ts'
import { type RuleTest, promtoolTest } from './rule-test.ts'
import { longTests, spendTests } from './spend.ts'

/** Without it promtool takes groups in any order, and a rule may read what another records one step later. */
const groupOrder = [...recordingGroups, ...alertGroups].map((group) => group.name)

/** Loads only the groups that the tests need: evaluating all of them takes minutes. */
function testFile(interval: string, groups: readonly string[], tests: readonly RuleTest[]): object {
  return {
    rule_files: [...groups, 'aimlapi-alerts'].map((name) => `../rules/${name}.yml`),
    evaluation_interval: interval,
    group_eval_order: groupOrder.filter((name) => groups.includes(name) || name.startsWith('aimlapi-alerts')),
    tests: tests.map(promtoolTest),
  }
}

const TOTALS = ['aimlapi-totals', 'aimlapi-spend']

/** File name → content. */
export const ruleTestFiles: Readonly<Record<string, object>> = {
  'recording.test.yml': testFile('1m', [...TOTALS, 'aimlapi-account', 'aimlapi-calls'], recordingTests),
  'balance.test.yml': testFile('1m', [...TOTALS, 'aimlapi-account'], balanceTests),
  'spend.test.yml': testFile('1m', [...TOTALS, 'aimlapi-account', 'aimlapi-calls'], spendTests),
  'days.test.yml': testFile('4m', [...TOTALS, 'aimlapi-account'], longTests),
  'calls.test.yml': testFile('1m', ['aimlapi-totals', 'aimlapi-calls'], callTests),
  'calm.test.yml': testFile(
    '1m',
    recordingGroups.map(({ name }) => name),
    calmTests,
  ),
}

/** Every test, for the check that no alert is without one. */
export const ruleTests: readonly RuleTest[] = [
  ...recordingTests,
  ...balanceTests,
  ...spendTests,
  ...longTests,
  ...callTests,
  ...calmTests,
]
