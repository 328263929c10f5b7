/** One measured process: one subject and one workload from its start to its end. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { MeasuredNode } from './nodes.ts'
import { ENVIRONMENT, programPath, type Origins } from './processes.ts'
import type { Slice } from './statistics.ts'

export interface SteadyOptions {
  readonly origins: Origins
  readonly workload: string
  readonly subject: string
  readonly warmUpMs: number
  /** Enough to be warm, before `warmUpMs` have passed. */
  readonly warmUpCalls?: number
  /** No other process is measured at the same time: it shares a CPU with the server. */
  readonly isAlone: boolean
}

/** So that the calls whose allocations are counted fit without a collection. */
export const LARGE_YOUNG_GENERATION = [
  '--expose-gc',
  '--min-semi-space-size=128',
  '--max-semi-space-size=128',
] as const

export class SteadyProcess {
  /** Of Node.js, without the v. */
  readonly version: string
  readonly #child: ChildProcess
  readonly #name: string

  /**
   * Resolves when it is warm.
   * @throws Error when it ends before.
   */
  static async start(
    node: MeasuredNode,
    options: SteadyOptions,
    flags: readonly string[] = [],
  ): Promise<SteadyProcess> {
    const child = fork(programPath('steady.mjs'), [JSON.stringify(options)], {
      execPath: node.binary,
      execArgv: [...flags],
      env: ENVIRONMENT,
    })
    const name = `${options.workload} with ${options.subject} on Node ${node.major}`
    const { version } = await nextMessage<{ version: string }>(child, name)
    return new SteadyProcess(child, name, version)
  }

  private constructor(child: ChildProcess, name: string, version: string) {
    this.#child = child
    this.#name = name
    this.version = version
  }

  time(sliceMs: number): Promise<Slice> {
    return this.#ask<Slice>({ ask: 'slice', sliceMs })
  }

  async countAllocations(calls: number): Promise<number> {
    return (await this.#ask<{ bytesPerCall: number }>({ ask: 'allocations', calls })).bytesPerCall
  }

  /** @throws Error when the subject did not do its work. */
  async end(): Promise<void> {
    const closed = once(this.#child, 'close') as Promise<[number | null]>
    this.#child.send({ ask: 'end' })
    const [code] = await closed
    if (code !== 0) throw new Error(`${this.#name} ended with ${code}`)
  }

  /** Whatever state it is in. */
  kill(): void {
    this.#child.kill()
  }

  #ask<Answer>(message: object): Promise<Answer> {
    const answer = nextMessage<Answer>(this.#child, this.#name)
    this.#child.send(message)
    return answer
  }
}

/** Bytes that a call puts on the heap, in a process of its own. */
export async function measureAllocations(
  node: MeasuredNode,
  options: SteadyOptions,
  calls: number,
): Promise<number> {
  const measured = await SteadyProcess.start(node, options, LARGE_YOUNG_GENERATION)
  try {
    return await measured.countAllocations(calls)
  } finally {
    await measured.end()
  }
}

function nextMessage<Message>(child: ChildProcess, name: string): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      child.off('exit', onExit)
      resolve(message as Message)
    }
    const onExit = (code: number | null): void => {
      child.off('message', onMessage)
      reject(new Error(`${name} ended with ${code}`))
    }
    child.once('message', onMessage)
    child.once('exit', onExit)
  })
}
