/** Runs one program, and says what it printed and how it ended. */
import { spawn } from 'node:child_process'
import { DEFAULT_KEY, type Simulator } from '../../../simulator/index.ts'
import { nodeBinary, type NodeMajor } from '../layout.ts'

export interface Script {
  /** Where it is started. */
  readonly folder: string
  readonly node: NodeMajor
  /** In `programs` of that folder. */
  readonly file: string
  readonly flags?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

export interface RunningScript {
  /** The first line of JSON that has a `result`; absent if the program ended without one. */
  readonly said: Promise<{ readonly result: unknown; readonly port?: number } | undefined>
  /** Closes its input, which tells it to end. */
  tellToEnd(): void
  readonly ended: Promise<{ readonly end: number | string; readonly stderr: string }>
}

/** A program that needs longer does not end by itself. */
const LIMIT_MS = 60_000

export function startScript(script: Script, simulator: Simulator): RunningScript {
  const { folder, node, file, flags = [], environment } = script
  const child = spawn(nodeBinary(node), [...flags, `programs/${file}`], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      CELL_ORIGIN: simulator.url,
      CELL_KEY: DEFAULT_KEY,
      AIMLAPI_API_KEY: DEFAULT_KEY,
      AIMLAPI_BASE_URLS: simulator.url,
      AIMLAPI_BALANCE_INTERVAL_MS: '0',
      AIMLAPI_SETTLEMENT_INTERVAL_MS: '0',
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      ...environment,
    },
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  let stdout = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<{ end: number | string; stderr: string }>((resolve) => {
    const settle = (end: number | string) => {
      clearTimeout(timer)
      resolve({ end, stderr })
    }
    child.once('error', ({ message }) => settle(message))
    child.once('close', (code, signal) => settle(code ?? signal ?? 'unknown'))
  })
  const said = new Promise<{ result: unknown; port?: number } | undefined>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      const line = stdout.split('\n').find((each) => each.startsWith('{"result":') && each.endsWith('}'))
      if (line !== undefined) resolve(JSON.parse(line))
    })
    void ended.then(() => resolve(undefined))
  })
  return { said, tellToEnd: () => void child.stdin.end(), ended }
}
