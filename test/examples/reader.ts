/** Somebody who follows the documents: runs blocks of shell commands in a directory, some of them in the background. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import type { RunPlan } from './markdown-blocks.ts'

export interface ReaderOptions {
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  /** What stands in the documents, and what the test runs instead. Tried in order, each everywhere. */
  readonly instead: readonly (readonly [RegExp | string, string])[]
}

/** An exit code, or the signal that ended it. */
type Ending = number | NodeJS.Signals

interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ending>
  output: string
}

const FOREGROUND_MS = 240_000
const BACKGROUND_MS = 120_000
const RETRY_MS = 90_000

export class Reader {
  readonly #options: ReaderOptions
  #background: Running[] = []

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  /** The text as the test uses it. */
  replace(text: string): string {
    return this.#options.instead.reduce((result, [what, by]) => result.replaceAll(everywhere(what), by), text)
  }

  /** Runs a block as its plan says. Gives its output, and throws when it fails or does not print what it should. */
  async follow(commands: string, plan: RunPlan): Promise<string> {
    const { withArguments, backgroundUntil, prints, retriedUntil } = plan
    const script = this.replace(withArguments === undefined ? commands : `${commands} ${withArguments}`)
    if (backgroundUntil !== undefined) return this.#start(script, backgroundUntil)
    const deadline = Date.now() + RETRY_MS
    for (;;) {
      const { code, output } = await this.#run(script)
      const isDone = retriedUntil === undefined || output.includes(retriedUntil)
      if (!isDone && Date.now() < deadline) {
        await pause(500)
        continue
      }
      if (code !== 0) throw new Error(`exit code ${code} of\n${script}\n${output}${this.#backgroundOutput()}`)
      for (const text of [prints, retriedUntil]) {
        if (text !== undefined && !output.includes(text))
          throw new Error(`no "${text}" in the output of\n${script}\n${output}${this.#backgroundOutput()}`)
      }
      return output
    }
  }

  /** Ends what runs in the background, as Ctrl-C does. Says how it ended. */
  async stop(): Promise<Ending[]> {
    const running = this.#background
    this.#background = []
    return Promise.all(
      running.map(async ({ child, ended }) => {
        signal(child, 'SIGINT')
        const timer = setTimeout(() => signal(child, 'SIGKILL'), 10_000)
        const code = await ended
        clearTimeout(timer)
        return code
      }),
    )
  }

  async #start(script: string, until: string): Promise<string> {
    const running = this.#spawn(script)
    this.#background.push(running)
    const deadline = Date.now() + BACKGROUND_MS
    let code: Ending | undefined
    void running.ended.then((ended) => (code = ended))
    while (!running.output.includes(until)) {
      if (code !== undefined || Date.now() > deadline)
        throw new Error(`no "${until}" (exit code ${code}) in the output of\n${script}\n${running.output}`)
      await pause(50)
    }
    return running.output
  }

  async #run(script: string): Promise<{ code: Ending; output: string }> {
    const running = this.#spawn(script)
    const timer = setTimeout(() => signal(running.child, 'SIGKILL'), FOREGROUND_MS)
    const code = await running.ended
    clearTimeout(timer)
    return { code, output: running.output }
  }

  /** In a group of its own, so that what the shell starts ends with it. */
  #spawn(script: string): Running {
    const { directory, environment } = this.#options
    const { PATH, HOME, LANG } = process.env
    const child = spawn('sh', ['-ec', script], {
      cwd: directory,
      env: { PATH, HOME, LANG, NO_COLOR: '1', npm_config_update_notifier: 'false', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const ended = new Promise<Ending>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signalName) => resolve(code ?? signalName ?? 'SIGKILL'))
    })
    const running: Running = { child, ended, output: '' }
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (running.output += text))
    }
    return running
  }

  #backgroundOutput(): string {
    return this.#background.map(({ output }) => `\nin the background:\n${output}`).join('')
  }
}

export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
}

function everywhere(what: RegExp | string): RegExp | string {
  return typeof what === 'string' ? what : new RegExp(what, 'g')
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name)
  } catch {
    // It ended by itself.
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
