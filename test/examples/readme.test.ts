/** Follows README.md from top to bottom: every command in it is run, every program in it compiled or run. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_KEY, startSimulator, type Simulator } from '../simulator/index.ts'
import { findFreePorts } from '../free-port.ts'
import { parseBlocks, type Block } from './markdown-blocks.ts'
import { packPackage } from './packed-package.ts'
import { isInstalled, Reader } from './reader.ts'
import { listRepositoryFiles, REPOSITORY } from './repository.ts'

const PACKAGE = 'opentelemetry-instrumentation-aimlapi'
const blocks = parseBlocks(readFileSync(join(REPOSITORY, 'README.md'), 'utf8'))
const commands = blocks.filter(({ run, notRun }) => run !== undefined && notRun === undefined)

let directory: string
let simulator: Simulator
let inProject: Reader
let inRepository: Reader

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'aimlapi-readme-'))
  const tarball = packPackage(directory)
  simulator = await startSimulator({ seed: 'readme' })
  const [port, metricsPort, prometheusPort] = await findFreePorts(3)
  const storage = `--storage.tsdb.path=${join(directory, 'prometheus')}`
  const instead: [RegExp | string, string][] = [
    [new RegExp(`npm install ${PACKAGE}$`, 'm'), `npm install --no-audit --no-fund ${tarball}`],
    ['your-key', DEFAULT_KEY],
    ['https://api.aimlapi.com', simulator.url],
    [/\b3000\b/, String(port)],
    ['localhost:9464', `localhost:${metricsPort}`],
    ['localhost:9099', `127.0.0.1:${prometheusPort}`],
    [/^prometheus /m, `prometheus ${storage} `],
  ]
  const environment = {
    AIMLAPI_BASE_URLS: simulator.url,
    AIMLAPI_API_KEY: DEFAULT_KEY,
    OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
  }
  const project = join(directory, 'project')
  mkdirSync(project)
  // The reader has a service, with the client that it uses.
  writeFileSync(join(project, 'package.json'), '{ "name": "service", "private": true }\n')
  execFileSync('npm', ['install', '--no-audit', '--no-fund', 'openai@6.49.0'], {
    cwd: project,
    stdio: 'ignore',
  })
  inProject = new Reader({ directory: project, environment, instead })
  for (const { file, text } of blocks) {
    if (file !== undefined) writeFileSync(join(project, file), inProject.replace(text))
  }
  const clone = join(directory, 'clone')
  cloneRepository(clone)
  inRepository = new Reader({ directory: clone, environment: {}, instead: [] })
})

afterAll(async () => {
  await inProject?.stop()
  await simulator?.close()
  rmSync(directory, { recursive: true, force: true })
})

function cloneRepository(to: string): void {
  for (const file of listRepositoryFiles()) {
    mkdirSync(dirname(join(to, file)), { recursive: true })
    cpSync(join(REPOSITORY, file), join(to, file))
  }
}

describe('the README', () => {
  let section = ''

  it.each(commands.map((block) => [block.line, block.text.split('\n').at(-1), block] as const))(
    'line %i: %s',
    async (_line, _command, block) => {
      // What was started in one section is ended before the next.
      if (section !== block.section) await inProject.stop()
      section = block.section
      expect(await follow(block)).toBe('as the README says')
    },
  )

  async function follow({ run, text }: Block): Promise<string> {
    if (run === undefined) return 'not run'
    if (run.onlyIf !== undefined && !isInstalled(run.onlyIf)) {
      console.log(`skipped: ${run.onlyIf} is not installed`)
    } else {
      await (run.inRepository ? inRepository : inProject).follow(text, run)
    }
    return 'as the README says'
  }

  it.each(['mts', 'cts'])(
    'has TypeScript that compiles and runs in a project of .%s files',
    async (format) => {
      const snippets = blocks.filter(({ language }) => language === 'ts')
      expect(snippets.length).toBeGreaterThan(2)
      const project = join(directory, 'project')
      const files = snippets.map(({ line, text }) => {
        const file = `readme-line-${line}.${format}`
        writeFileSync(join(project, file), text)
        return file
      })
      const types = ['--typeRoots', join(REPOSITORY, 'node_modules', '@types'), '--types', 'node']
      const flags = ['--strict', '--module', 'node16', '--target', 'es2022', '--skipLibCheck', ...types]
      const compiler = join(REPOSITORY, 'node_modules/typescript/bin/tsc')
      execFileSync(process.execPath, [compiler, ...flags, ...files], { cwd: project, stdio: 'inherit' })
      const commands = files.map((file) => `node ${file.replace('ts', 'js')}`).join('\n')
      expect(await inProject.follow(commands, { inRepository: false })).toBe('')
    },
  )
})
