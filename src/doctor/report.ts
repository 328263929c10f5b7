/** The diagnosis as text for a terminal. */
import type { Check, Diagnosis } from './check.ts'

const STATUS_WIDTH = 9

export function formatDiagnosis({ ok, checks }: Diagnosis): string {
  const nameWidth = Math.max(...checks.map(({ name }) => name.length)) + 2
  const lines = checks.flatMap((check) => formatCheck(check, nameWidth))
  const failures = checks.filter(({ status }) => status === 'failure').length
  const verdict = ok
    ? 'Nothing is in the way of measuring.'
    : `${failures} ${failures === 1 ? 'thing' : 'things'} to repair.`
  return `${[...lines, '', verdict].join('\n')}\n`
}

function formatCheck({ status, name, summary, advice }: Check, nameWidth: number): string[] {
  const indent = ' '.repeat(STATUS_WIDTH + nameWidth)
  const line = status.padEnd(STATUS_WIDTH) + name.padEnd(nameWidth) + summary
  return advice === undefined ? [line] : [line, `${indent}→ ${advice}`]
}
