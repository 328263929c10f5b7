/**
 * `npm run bench:all`: every benchmark; keeps the figures and writes docs/overhead.md. What depends on time comes
 * first, and wants a machine at rest for about 70 minutes. Each step keeps its figures as soon as it has them.
 *
 *   --timed   only what depends on time
 *   --sizes   only what does not: memory
 *   --quick   few and short slices, nothing is kept: to see that everything runs
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { formatDocument } from './document.ts'
import { readResults } from './results.ts'

interface Step {
  readonly program: string
  readonly args: readonly string[]
  readonly quickArgs: readonly string[]
}

/** The shortest ones first: the last ones may be cut off. */
const TIMED: readonly Step[] = [
  { program: 'realtime.ts', args: [], quickArgs: ['--quick', '--node', '24'] },
  { program: 'startup.ts', args: ['--pairs', '11'], quickArgs: ['--node', '24', '--pairs', '1'] },
  { program: 'where.ts', args: [], quickArgs: ['--node', '24'] },
  { program: 'run.ts', args: ['--rounds', '5'], quickArgs: ['--quick', '--node', '24'] },
  { program: 'scale.ts', args: [], quickArgs: [] },
]
const SIZES: readonly Step[] = [{ program: 'memory.ts', args: [], quickArgs: ['--node', '24'] }]

const { values: options } = parseArgs({
  options: {
    timed: { type: 'boolean', default: false },
    sizes: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
})
const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

function run(program: string, args: readonly string[]): void {
  const startMs = performance.now()
  execFileSync('npx', ['tsx', `test/bench/${program}`, ...args], { cwd: ROOT, stdio: 'inherit' })
  console.log(`${program}: ${Math.round((performance.now() - startMs) / 1000)} s\n`)
}

/** As `npm run docs` does, without its other pages. After each step: a later one may be cut off. */
function writeDocument(): void {
  writeFileSync(`${ROOT}/docs/overhead.md`, formatDocument(readResults()))
}

const steps = [...(options.sizes ? [] : TIMED), ...(options.timed ? [] : SIZES)]
for (const { program, args, quickArgs } of steps) {
  run(program, options.quick ? quickArgs : [...args, '--write'])
  if (!options.quick) writeDocument()
}
