/** The diagnosis as text for a terminal. */
import type { Check } from './check.ts'
import type { Diagnosis } from './diagnose.ts'

const STATUS_WIDTH = 9

/** One line per check, its advice below, and a summary. */
export function formatDiagnosis({ ok, checks }: Diagnosis): string {
  const nameWidth = Math.max(...checks.map(({ name }) => name.length)) + 2
  const lines = checks.flatMap((check) => formatCheck(check, nameWidth))
  const count = (wanted: Check['status']) => checks.filter(({ status }) => status === wanted).length
  const warnings = count('warning')
  const verdict = [
    ok ? 'No problem found that prevents measuring.' : `${count('failure')} to repair.`,
    ...(warnings === 0 ? [] : [`${warnings} to look at.`]),
  ].join(' ')
  return `${[...lines, '', verdict].join('\n')}\n`
}

function formatCheck({ status, name, summary, advice }: Check, nameWidth: number): string[] {
  const indent = ' '.repeat(STATUS_WIDTH + nameWidth)
  const line = status.padEnd(STATUS_WIDTH) + name.padEnd(nameWidth) + summary
  return advice === undefined ? [line] : [line, `${indent}→ ${advice}`]
}
