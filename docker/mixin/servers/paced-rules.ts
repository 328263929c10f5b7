/** The shipped rules at the pace of a test: what takes half a minute takes a second or two. */
import { config } from '../config.ts'
import { ruleFiles } from '../rule-files.ts'

interface RuleGroup {
  interval: string
  rules: Array<{ expr: string; for?: string }>
}

const { intervalSeconds } = config.rules
const SHIPPED_OFFSET = `offset ${intervalSeconds}s`
const SHIPPED_SIGHT = `offset ${config.rules.firstSight}`
const SHIPPED_HOURS = `* ${intervalSeconds} / 3600`

/**
 * The same expressions, evaluated every `seconds` and looking that far back for the value before. A new target's
 * first value counts after twice that time. Names stay as they are, windows too; alerts fire at once with `immediately`.
 */
export function pacedRules(seconds: number, immediately = false): Record<string, object> {
  const files = structuredClone(ruleFiles) as Record<string, { groups: RuleGroup[] }>
  for (const group of Object.values(files).flatMap(({ groups }) => groups)) {
    group.interval = `${seconds}s`
    for (const rule of group.rules) {
      rule.expr = rule.expr
        .replaceAll(SHIPPED_OFFSET, `offset ${seconds}s`)
        .replaceAll(SHIPPED_SIGHT, `offset ${2 * seconds}s`)
        .replaceAll(SHIPPED_HOURS, `* ${seconds} / 3600`)
      if (immediately && rule.for !== undefined) rule.for = '0s'
    }
  }
  return files
}
