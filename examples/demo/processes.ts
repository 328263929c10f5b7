/** Child processes of the demo: started together, ended together. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'

export interface Started {
  readonly child: ChildProcess
  /** Resolves when it has ended, with its exit code (null after a signal). */
  readonly ended: Promise<number | null>
}

export interface StartOptions {
  /** On top of this process's own; undefined takes a variable away. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** Neither its output nor its errors are shown. */
  readonly quiet?: boolean
  /** With a channel, it notices when the demo ends, even without a goodbye. */
  readonly channel?: boolean
}

export function start(command: string, args: readonly string[], options: StartOptions = {}): Started {
  const child = spawn(command, args, {
    env: { ...process.env, ...options.environment },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: [
      'ignore',
      'ignore',
      options.quiet === true ? 'ignore' : 'inherit',
      ...(options.channel === true ? ['ipc' as const] : []),
    ],
  })
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve)
    child.once('error', () => resolve(null))
  })
  return { child, ended }
}

/** Asks to end, insists after 5 s. */
export async function stop({ child, ended }: Started): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const insist = setTimeout(() => child.kill('SIGKILL'), 5000)
  await ended
  clearTimeout(insist)
}

/** The wanted port when it is free on the loopback address, else another one. */
export async function freePort(wanted: number): Promise<number> {
  const probe = (port: number): Promise<number | undefined> =>
    new Promise((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(undefined))
      server.listen(port, '127.0.0.1', () => {
        const { port: free } = server.address() as AddressInfo
        server.close(() => resolve(free))
      })
    })
  return (await probe(wanted)) ?? (await probe(0)) ?? wanted
}
