/**
 * `npm run mutate`: runs the tests once as things are, and once for each way to count wrongly, which must make one
 * fail. Exit code 1 when one does not. `npm run mutate -- 3 7` tries those two only.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { MUTATIONS, type Mutation } from './mutations.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const VITEST = path.join(ROOT, 'node_modules/vitest/vitest.mjs')
const CONFIG = path.join(import.meta.dirname, 'vitest.config.ts')

interface Outcome {
  readonly passed: number
  /** Title of the first test that failed. */
  readonly failed: string | undefined
}

interface Report {
  readonly numPassedTests: number
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

/** Rejects when the tests did not even start: that would count as noticed. */
async function runTests(tests: readonly string[], index: number): Promise<Outcome> {
  const child = spawn(process.execPath, [VITEST, 'run', '--config', CONFIG, ...tests], {
    cwd: ROOT,
    env: { ...process.env, MUTATION: String(index) },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  await new Promise((resolve) => child.on('close', resolve))
  const { numPassedTests, testResults } = JSON.parse(output.slice(output.indexOf('{'))) as Report
  const results = testResults.flatMap(({ assertionResults }) => assertionResults)
  if (results.length === 0) throw new Error(`no test of ${tests.join(', ')} ran`)
  return { passed: numPassedTests, failed: results.find(({ status }) => status === 'failed')?.fullName }
}

function checkMutation({ file, from }: Mutation): void {
  const times = readFileSync(path.join(ROOT, file), 'utf8').split(from).length - 1
  if (times !== 1) throw new Error(`${file}: "${from}" stands there ${times} times`)
}

async function tryMutation(index: number): Promise<boolean> {
  const mutation = MUTATIONS[index] as Mutation
  const { failed } = await runTests(mutation.tests, index)
  console.log(`${index + 1}. ${failed === undefined ? 'NOT NOTICED' : 'noticed'}: ${mutation.says}`)
  console.log(`   ${mutation.file}: ${mutation.from} → ${mutation.to || '(nothing)'}`)
  if (failed !== undefined) console.log(`   by: ${failed}`)
  return failed !== undefined
}

const chosen = process.argv.slice(2).map((word) => Number(word) - 1)
const indexes = chosen.length > 0 ? chosen : [...MUTATIONS.keys()]
for (const index of indexes) checkMutation(MUTATIONS[index] as Mutation)

const all = new Set(indexes.flatMap((index) => (MUTATIONS[index] as Mutation).tests))
const { failed } = await runTests([...all], -1)
if (failed !== undefined) throw new Error(`a test fails without any mutation: ${failed}`)

let noticed = 0
for (const index of indexes) if (await tryMutation(index)) noticed++
console.log(`${noticed} passed, ${indexes.length - noticed} failed`)
process.exitCode = noticed === indexes.length ? 0 : 1
