#!/usr/bin/env node
/** The command that carries the package's name: `npx opentelemetry-instrumentation-aimlapi doctor`, `spend`. */
import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { ignoreClosedPipes } from './closed-pipes.ts'
import { ConfigurationError, readProcessEnvironment } from './config.ts'
import { readFlags } from './config/flags.ts'
import { findClosest } from './config/values.ts'
import { diagnose } from './doctor/diagnose.ts'
import { formatDiagnosis } from './doctor/report.ts'
import { readRegistered } from './sdk/registered.ts'
import { runSpend } from './spend/command.ts'

const USAGE = `Usage: opentelemetry-instrumentation-aimlapi <command>

Commands:
  doctor [--json]      Checks everything that can keep spend from being shown, and says what to do.
                       Uses the same environment variables as the service. Exit code 1 when something fails.
  spend [flags]        What the account has spent, by model, day or key; see "spend --help".
  exporter [flags]     The same as aimlapi-exporter; see "exporter --help".

  --help               Shows this.
`

const COMMANDS = ['doctor', 'spend', 'exporter', 'help']

/** Exit codes: 0, 1 when a problem was found, 2 for an invalid command. `undefined`: the command sets its own. */
async function main(words: readonly string[]): Promise<number | undefined> {
  const [command, ...rest] = words
  switch (command) {
    case 'doctor':
      return runDoctor(rest)
    case 'spend':
      return spend(rest)
    case 'exporter':
      // A program of its own, which reads its flags from the same place.
      process.argv.splice(2, 1)
      await import('./exporter.ts')
      return undefined
    case '--help':
    case '-h':
    case 'help':
      process.stdout.write(USAGE)
      return 0
    default:
      process.stderr.write(`${describeUnknown(command)}${USAGE}`)
      return 2
  }
}

async function spend(words: readonly string[]): Promise<number> {
  const { stdout, stderr } = process
  const complain = (text: string): void => void stderr.write(text)
  try {
    return await runSpend(words, readProcessEnvironment(), {
      write: (text) => void stdout.write(text),
      complain,
      isTerminal: stderr.isTTY,
    })
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    complain(`${error.message}\n`)
    return 2
  }
}

/** Without the word itself: it may be a key in the wrong place. */
function describeUnknown(command: string | undefined): string {
  if (command === undefined) return ''
  const closest = findClosest(command, COMMANDS)
  return `There is no such command.${closest === undefined ? '' : ` Did you mean "${closest}"?`}\n\n`
}

const FLAGS = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const

async function runDoctor(words: readonly string[]): Promise<number> {
  const flags = readFlags(words, FLAGS, 'doctor --help')
  if (flags.help === true) {
    process.stdout.write(USAGE)
    return 0
  }
  // With `register` in NODE_OPTIONS it also runs in this process, and would hold the hook and the port.
  await readRegistered()?.registration.shutdown()
  const diagnosis = await diagnose(dirname(realpathSync(process.argv[1] ?? '.')))
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(diagnosis, undefined, 2)}\n` : formatDiagnosis(diagnosis),
  )
  return diagnosis.ok ? 0 : 1
}

ignoreClosedPipes()
// Sockets of account requests do not keep a process alive; this timer does, until the command has ended.
const staying = setInterval(() => {}, 60_000)
main(process.argv.slice(2))
  .catch((error: unknown) => {
    // Only messages of our own errors are known to show no key.
    const isOurs = error instanceof ConfigurationError
    process.stderr.write(isOurs ? `${error.message}\n\n${USAGE}` : 'failed unexpectedly\n')
    return isOurs ? 2 : 1
  })
  .then((code) => {
    clearInterval(staying)
    if (code !== undefined) process.exitCode = code
  })
