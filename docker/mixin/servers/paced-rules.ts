/** The shipped rules at the pace of a test: what takes a minute takes a second or two. */
import { config } from '../config.ts'
import { ruleFiles } from '../rule-files.ts'

interface RuleGroup {
  interval: string
  rules: Array<{ expr: string; for?: string }>
}

const { lagSeconds, intervalSeconds, firstSightSeconds } = config.counting

/**
 * The same expressions, evaluated every `seconds`. A new process's first value counts after twice that time. Names
 * stay as they are, windows too; alerts fire at once with `immediately`.
 */
export function pacedRules(seconds: number, immediately = false): Record<string, object> {
  const files = structuredClone(ruleFiles) as Record<string, { groups: RuleGroup[] }>
  for (const group of Object.values(files).flatMap(({ groups }) => groups)) {
    group.interval = `${seconds}s`
    for (const rule of group.rules) {
      rule.expr = rule.expr
        .replaceAll(`offset ${lagSeconds}s`, `offset ${seconds}s`)
        .replaceAll(`[${intervalSeconds - 1}s999ms]`, `[${seconds - 1}s999ms]`)
        .replaceAll(`time() - ${firstSightSeconds})`, `time() - ${2 * seconds})`)
      if (immediately && rule.for !== undefined) rule.for = '0s'
    }
  }
  return files
}
