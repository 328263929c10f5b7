/**
 * `npm run bench:all`: every benchmark, its figures kept, and the documentation made from them. What depends on time comes first,
 * and wants a machine at rest for about 15 minutes; each step keeps its figures as soon as it has them.
 *
 *   --timed   only what depends on time
 *   --sizes   only what does not: memory
 *   --quick   few and short slices, nothing is kept: to see that everything runs
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

interface Step {
  readonly program: string
  readonly args: readonly string[]
  readonly quickArgs: readonly string[]
}

/** The most important ones first: a later one may be cut off. */
const TIMED: readonly Step[] = [
  { program: 'run.ts', args: ['--rounds', '5'], quickArgs: ['--quick', '--node', '24'] },
  { program: 'realtime.ts', args: [], quickArgs: ['--quick', '--node', '24'] },
  { program: 'startup.ts', args: ['--node', '22,24'], quickArgs: ['--node', '24', '--pairs', '1'] },
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
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

function run(program: string, args: readonly string[]): void {
  const startMs = performance.now()
  execFileSync('npx', ['tsx', program, ...args], { cwd: ROOT, stdio: 'inherit' })
  console.log(`${program}: ${Math.round((performance.now() - startMs) / 1000)} s\n`)
}

const steps = [...(options.sizes ? [] : TIMED), ...(options.timed ? [] : SIZES)]
for (const { program, args, quickArgs } of steps)
  run(`test/bench/${program}`, options.quick ? quickArgs : [...args, '--write'])
if (!options.quick) run('scripts/docs/build.ts', [])
