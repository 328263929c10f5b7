/**
 * `npm run runbook:check [-- FILE]`: does every `runbook_url` of a rule file (the shipped one) lead to a page that has
 * the alert? Prints each that does not and ends with 1. The release runs it.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const SHIPPED = fileURLToPath(new URL('../../docker/prometheus/rules/aimlapi-alerts.yml', import.meta.url))
const TIMEOUT_MS = 30_000

interface RuleFile {
  readonly groups: ReadonlyArray<{
    readonly rules: ReadonlyArray<{
      readonly alert?: string
      readonly annotations?: { readonly runbook_url?: string }
    }>
  }>
}

/** The alerts whose address does not lead to their page, one sentence each. */
export async function findDeadRunbooks(
  file: string,
  read: (url: string) => Promise<string | undefined>,
): Promise<string[]> {
  const rules = (parse(readFileSync(file, 'utf8')) as RuleFile).groups.flatMap((group) => group.rules)
  const pages = new Map<string, Promise<string | undefined>>()
  const faults = rules.map(async ({ alert, annotations }) => {
    if (alert === undefined) return []
    const address = annotations?.runbook_url
    if (address === undefined) return [`${alert} has no runbook_url`]
    const [url = ''] = address.split('#')
    const reading = pages.get(url) ?? read(url)
    pages.set(url, reading)
    const page = await reading
    if (page === undefined) return [`${alert}: ${url} cannot be read`]
    return page.includes(alert) ? [] : [`${alert}: ${url} says nothing of it`]
  })
  return (await Promise.all(faults)).flat()
}

/** The text behind an address; undefined where it is not there. */
export async function readPage(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    return response.ok ? await response.text() : undefined
  } catch {
    return undefined
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const faults = await findDeadRunbooks(process.argv[2] ?? SHIPPED, readPage)
  console.log(faults.length === 0 ? 'Every alert has its page' : faults.join('\n'))
  process.exitCode = faults.length === 0 ? 0 : 1
}
