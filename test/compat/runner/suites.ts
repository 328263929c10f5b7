/** This repository's own tests of the wire and of harmlessness, on the Node versions that `npm test` does not run on. */
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { NODES, nodeBinary, REPOSITORY, SUITE, type NodeMajor } from './layout.ts'

const execute = promisify(execFile)
const FOLDER = 'test/integration'
const LIMIT_MS = 5 * 60_000

export interface Suite {
  readonly node: NodeMajor
  readonly file: string
}

/** Each Node bundles another undici, and undici 8 joins those of the repository here. Every `no-harm-*` and `traffic-*` file on every such Node. */
export async function listSuites(): Promise<Suite[]> {
  const files = (await readdir(`${REPOSITORY}/${FOLDER}`)).filter((name) =>
    /^(no-harm|traffic)-.*\.test\.ts$/.test(name),
  )
  const [running = ''] = process.versions.node.split('.')
  return NODES.filter((node) => String(node) !== running).flatMap((node) =>
    files.map((file) => ({ node, file })),
  )
}

interface Outcome {
  readonly numPassedTests: number
  readonly testResults: readonly {
    readonly message: string
    readonly assertionResults: readonly {
      readonly status: string
      readonly fullName: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

/** @returns findings: the tests that failed. */
export async function runSuite({ node, file }: Suite): Promise<string[]> {
  const parameters = ['node_modules/vitest/vitest.mjs', 'run', `${FOLDER}/${file}`, '--reporter=json']
  const env = {
    ...process.env,
    CI: 'true',
    ...(node >= 22 && { TRAFFIC_UNDICI_8: `${SUITE}/node_modules/undici8/index.js` }),
  }
  const options = { cwd: REPOSITORY, env, timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 }
  let stdout: string
  try {
    ;({ stdout } = await execute(nodeBinary(node), parameters, options))
  } catch (error) {
    ;({ stdout = '' } = error as { stdout?: string })
    if (stdout === '') return [`no outcome: ${String(error).slice(0, 400)}`]
  }
  const { numPassedTests, testResults } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Outcome
  const findings = testResults.flatMap(({ message, assertionResults }) => [
    ...(message === '' ? [] : [message.slice(0, 400)]),
    ...assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages.join(' ').slice(0, 400)}`),
  ])
  return numPassedTests > 0 || findings.length > 0 ? findings : ['no test ran']
}
