/** What wakes nobody: the tests of the rules in which no alert at all fires. */
import { calmTests } from '../../docker/mixin/tests/calm.ts'

export function formatCalm(): string {
  return calmTests.map(({ name }) => `- ${name}`).join('\n')
}
