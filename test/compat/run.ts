/**
 * The compatibility suite: `npm run test:compat` at the top. Builds and packs the package, installs the locked
 * clients, Node versions and SDKs, and tries every cell of cells.ts as a program of its own, with and without us.
 *
 *   --reuse         keep what is installed, build and pack anew
 *   --only TEXT     only cells whose table, row or column says so
 *   --write         renew docs/stream-endings.md from what was seen
 */
import { availableParallelism } from 'node:os'
import { rm } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { buildPrograms, checkTypes, TYPE_CHECKS } from './runner/bundles.ts'
import { CELLS } from './runner/cells.ts'
import { startCollector } from './runner/collector.ts'
import { compareDocument } from './runner/document.ts'
import { ENDINGS, ENDINGS_RUNS, judgeEndings, type SeenEnding } from './runner/endings.ts'
import { HOUSE_CELLS } from './runner/houses/cells.ts'
import { installHouse } from './runner/houses/install.ts'
import { tryHouse } from './runner/houses/judge.ts'
import { RECIPES } from './runner/houses/recipes.ts'
import { install } from './runner/install.ts'
import { MANAGER_INSTALLINGS } from './runner/installing/managers.ts'
import { INSTALLINGS } from './runner/installing/resolve.ts'
import { judgeApplication, judgeProcess, judgeScrape, judgeTelemetry } from './runner/judge.ts'
import { isInstalled, NODES } from './runner/layout.ts'
import { printMatrix, type Verdict } from './runner/matrix.ts'
import { runProgram, type Observation, type Program } from './runner/program.ts'
import { listSuites, runSuite } from './runner/suites.ts'

const { values: options } = parseArgs({
  options: { reuse: { type: 'boolean' }, only: { type: 'string' }, write: { type: 'boolean' } },
})
const startedAt = Date.now()
const secondsSinceStart = (): number => Math.round((Date.now() - startedAt) / 1000)
const collector = await startCollector()
const verdicts: Verdict[] = []
const withoutUs = new Map<string, Promise<Observation>>()

/** The run without us, shared by the cells that compare with the same one. */
function observeWithout(program: Program): Promise<Observation> {
  const key = JSON.stringify([program.column.node, program.file, program.environment])
  let observation = withoutUs.get(key)
  if (observation === undefined) withoutUs.set(key, (observation = runProgram(program, collector)))
  return observation
}

const isWanted = (...names: string[]): boolean =>
  options.only === undefined || names.some((name) => name.includes(options.only ?? ''))

/** Told as soon as it is known: a run takes minutes. */
function record(verdict: Verdict): void {
  verdicts.push(verdict)
  if (verdict.findings.length > 0) console.log(`FAILED ${verdict.table}: ${verdict.row} (${verdict.column})`)
}

type Task = () => Promise<void>

function cellTasks(): Task[] {
  return wantedCells.map((cell) => async () => {
    const without = await observeWithout(cell.without)
    const seen = await runProgram(cell.program, collector)
    const findings = judgeProcess(seen)
    if (seen.report !== undefined)
      findings.push(
        ...judgeApplication(seen, without, cell.warning),
        ...judgeTelemetry(seen),
        ...judgeScrape(seen),
      )
    record({ ...cell, findings })
  })
}

const seenEndings = new Map<string, readonly SeenEnding[]>()

function endingTasks(): Task[] {
  const table = 'Stream endings'
  return ENDINGS_RUNS.filter(({ program }) => isInstalled(program.column.node))
    .filter(({ column }) => isWanted(table, column))
    .map((run) => async () => {
      const { column } = run
      const without = await observeWithout(run.without)
      const { endings, process } = judgeEndings(await runProgram(run.program, collector), without)
      for (const { ending, findings } of endings) record({ table, row: ending, column, findings })
      record({ table, row: 'the process as a whole', column, findings: process })
      seenEndings.set(column, endings)
    })
}

function typeTasks(): Task[] {
  const table = 'TypeScript, CommonJS consumer'
  return TYPE_CHECKS.map((check) => async () => {
    const row = `moduleResolution ${check.moduleResolution}`
    const column = `TypeScript ${check.typescript}, SDK ${check.sdk}`
    if (isWanted(table, row, column)) record({ table, row, column, findings: await checkTypes(check) })
  })
}

function installingTasks(): Task[] {
  const table = 'npm install'
  return [...MANAGER_INSTALLINGS, ...INSTALLINGS]
    .filter(({ row, column }) => isWanted(table, row, column))
    .map(
      ({ row, column, resolve }) =>
        async () =>
          record({ table, row, column, findings: await resolve(tarball) }),
    )
}

const installedHouses = new Map<string, Promise<string[]>>()

/** Once for all cells of the house. @returns findings. */
function installOnce(house: string): Promise<string[]> {
  let installing = installedHouses.get(house)
  if (installing === undefined) installedHouses.set(house, (installing = installHouse(house, tarball)))
  return installing
}

function recipeTasks(): Task[] {
  const table = 'Recipes'
  return RECIPES.filter(({ node }) => isInstalled(node))
    .filter(({ house, row, node }) => isWanted(table, house, row, `Node ${node}`))
    .map(({ house, row, node, run }) => async () => {
      const refused = await installOnce(house)
      record({
        table,
        row,
        column: `Node ${node}`,
        findings: refused.length > 0 ? refused : await run(collector),
      })
    })
}

function houseTasks(): Task[] {
  const table = 'Houses'
  const runs = HOUSE_CELLS.flatMap((cell) =>
    cell.nodes.map((node) => ({ cell, node, column: `Node ${node}` })),
  )
  return runs
    .filter(({ node }) => isInstalled(node))
    .filter(({ cell, column }) => isWanted(table, cell.house, cell.row, column))
    .map(({ cell, node, column }) => async () => {
      const refused = await installOnce(cell.house)
      const findings = refused.length > 0 ? refused : await tryHouse(cell, node, collector)
      record({ table, row: cell.row, column, findings })
    })
}

async function suiteTasks(): Promise<Task[]> {
  const table = 'Tests of the wire'
  const suites = (await listSuites()).filter(({ node }) => isInstalled(node))
  return suites.map((suite) => async () => {
    const column = `Node ${suite.node}`
    if (isWanted(table, suite.file, column))
      record({ table, row: suite.file, column, findings: await runSuite(suite) })
  })
}

const { tarball, findings: copies } = await install(options.reuse ?? false)
record({ table: 'Set-up', row: 'packed package', column: 'installed', findings: copies })
console.log(`Installed after ${secondsSinceStart()} s.`)
const missingNodes = NODES.filter((node) => !isInstalled(node))
if (missingNodes.length > 0)
  console.log(`Not tried, for want of a binary for this platform: Node ${missingNodes.join(', ')}`)
const wantedCells = CELLS.filter(({ program }) => isInstalled(program.column.node)).filter(
  ({ table, row, column }) => isWanted(table, row, column),
)
if (wantedCells.some(({ program }) => /^(bundles|consumer)\//.test(program.file))) {
  const findings = await buildPrograms()
  record({ table: 'Set-up', row: 'bundles and compiled consumer', column: 'built', findings })
}

console.log(`Built after ${secondsSinceStart()} s.`)

const tasks = [
  ...houseTasks(),
  ...recipeTasks(),
  ...endingTasks(),
  ...(await suiteTasks()),
  ...cellTasks(),
  ...typeTasks(),
  ...installingTasks(),
]
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) await task()
  }),
)
collector.close()
await rm(tarball)
if (seenEndings.size === ENDINGS_RUNS.length) {
  const column = options.write ? 'written' : 'compared'
  const differences = await compareDocument(seenEndings, options.write ?? false)
  record({ table: 'Set-up', row: 'docs/stream-endings.md', column, findings: differences })
}

const rowsInOrder = [
  ...ENDINGS.map(({ ending }) => ending),
  ...[...CELLS, ...INSTALLINGS, ...HOUSE_CELLS, ...RECIPES].map(({ row }) => row),
]
printMatrix(verdicts, rowsInOrder)
console.log(`Took ${secondsSinceStart()} s.`)
const failed = verdicts.filter((verdict) => verdict.findings.length > 0).length
console.log(`${verdicts.length - failed} passed, ${failed} failed`)
const isIncomplete = missingNodes.length > 0 && process.env['CI'] === 'true'
process.exitCode = failed === 0 && !isIncomplete ? 0 : 1
