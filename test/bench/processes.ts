/** The server and the measured process, and what they say. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { MeasuredNode } from './nodes.ts'

/** What switches OpenTelemetry or the package over must not come from the shell. */
export const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(?:OTEL_|AIMLAPI_|AIML_|NODE_OPTIONS)/.test(name)),
)

export function programPath(name: string): string {
  return fileURLToPath(new URL(`programs/${name}`, import.meta.url))
}

/** By the name of the answer that is given there. */
export type Origins = Readonly<Record<string, string>>

export interface Server {
  readonly origins: Origins
  stop(): void
}

/** @param file one of programs, default the server of the overhead. */
export async function startServer(file = 'server.mjs', parameters: object = {}): Promise<Server> {
  const child = fork(programPath(file), [JSON.stringify(parameters)], { execArgv: [], env: ENVIRONMENT })
  const { origins } = await nextMessage<{ origins: Origins }>(child)
  return { origins, stop: () => child.disconnect() }
}

/**
 * Runs a program of programs/ on that Node.js to its end.
 * @returns what it sent last.
 * @throws when it sent nothing or ended badly.
 */
export function runProgram<Message>(
  node: MeasuredNode,
  name: string,
  parameters: unknown,
  flags: readonly string[] = [],
  onMessage: (message: Message) => void = () => {},
): Promise<Message> {
  return runFile(node, programPath(name), [JSON.stringify(parameters)], flags, onMessage)
}

/** The same for a file anywhere, with parameters as they are. */
export async function runFile<Message>(
  node: MeasuredNode,
  file: string,
  parameters: readonly string[],
  flags: readonly string[] = [],
  onMessage: (message: Message) => void = () => {},
): Promise<Message> {
  const child = fork(file, [...parameters], {
    execPath: node.binary,
    execArgv: [...flags],
    env: ENVIRONMENT,
  })
  let last: Message | undefined
  child.on('message', (message) => {
    last = message as Message
    onMessage(last)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0 || last === undefined) throw new Error(`${file} on Node ${node.major} ended with ${code}`)
  return last
}

async function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the server ended with ${code}`))),
  ])) as [Message]
  return message
}
