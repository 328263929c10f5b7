/** A server of another package, started for a test or a picture: on the loopback, in a folder of its own, ended by its id. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { findFreePort } from '../../../test/free-port.ts'

export interface ServerProcess {
  readonly url: string
  /** Ends the process and removes its folder. Idempotent. */
  stop(): Promise<void>
}

export interface ServerCommand {
  readonly command: string
  /** Given its address (`127.0.0.1:port`) and its empty folder. */
  readonly arguments: (address: string, folder: string) => readonly string[]
  /** Answers 200 as soon as the server is ready. */
  readonly readyPath: string
}

const READY_TIMEOUT_MS = 20_000
const END_TIMEOUT_MS = 5_000

/** Whether a command can be run here. */
export function isInstalled(command: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$1"', 'sh', command], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export async function startServer(server: ServerCommand): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), `aimlapi-${basename(server.command)}-`))
  const address = `127.0.0.1:${await findFreePort()}`
  const child = spawn(server.command, server.arguments(address, folder), {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  // A test that throws past its own cleaning must not leave a server behind.
  const killOnExit = () => child.kill('SIGKILL')
  process.once('exit', killOnExit)
  child.once('exit', () => process.off('exit', killOnExit))
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4000)))
  const stop = async () => {
    await end(child)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await ready(`http://${address}${server.readyPath}`, child)
  } catch (error) {
    await stop()
    throw new Error(`${server.command} did not start: ${String(error)}\n${log}`, { cause: error })
  }
  return { url: `http://${address}`, stop }
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`exit code ${child.exitCode}`)
    const response = await fetch(url).catch(() => undefined)
    await response?.body?.cancel()
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('not ready in time')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS)
  await ended
  clearTimeout(kill)
}
