/** Follows README.md and the pages of docs from top to bottom: every command is run, every program compiled or run. */
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
import { isFollowed, listRepositoryFiles, REPOSITORY } from './repository.ts'

const PACKAGE = 'opentelemetry-instrumentation-aimlapi'
/** What the readers have in their service already. */
const OWN_PACKAGES = [
  '@opentelemetry/api@1.9.1',
  '@opentelemetry/exporter-prometheus@0.223.0',
  '@opentelemetry/sdk-node@0.223.0',
  'openai@6.49.0',
]
const NPM_FLAGS = ['--no-audit', '--no-fund', '--prefer-offline']

interface FollowedPage {
  readonly page: string
  readonly blocks: readonly Block[]
  readonly commands: readonly Block[]
  readonly snippets: readonly Block[]
}

const pages: readonly FollowedPage[] = listRepositoryFiles()
  .filter(isFollowed)
  // The README first, as a reader does.
  .sort((a, b) => Number(b === 'README.md') - Number(a === 'README.md') || a.localeCompare(b))
  .map((page) => {
    const blocks = parseBlocks(readFileSync(join(REPOSITORY, page), 'utf8'))
    const commands = blocks.filter(({ run, notRun }) => run !== undefined && notRun === undefined)
    return { page, blocks, commands, snippets: blocks.filter(({ language }) => language === 'ts') }
  })

let directory: string
let simulator: Simulator
let inProject: Reader
let inRepository: Reader

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'aimlapi-documents-'))
  const tarball = packPackage(directory)
  simulator = await startSimulator({ seed: 'documents' })
  const [port, metricsPort, prometheusPort] = await findFreePorts(3)
  const instead: [RegExp | string, string][] = [
    [new RegExp(`npm install ${PACKAGE}$`, 'm'), `npm install ${NPM_FLAGS.join(' ')} ${tarball}`],
    ['your-key', DEFAULT_KEY],
    ['https://api.aimlapi.com', simulator.url],
    [/\b3000\b/, String(port)],
    ['localhost:9464', `localhost:${metricsPort}`],
    ['localhost:9099', `127.0.0.1:${prometheusPort}`],
  ]
  const environment = {
    AIMLAPI_BASE_URLS: simulator.url,
    AIMLAPI_API_KEY: DEFAULT_KEY,
    OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
  }
  const project = join(directory, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{ "name": "service", "private": true }\n')
  const npmInstall = ['install', ...NPM_FLAGS, ...OWN_PACKAGES, tarball]
  execFileSync('npm', npmInstall, { cwd: project, stdio: 'ignore' })
  inProject = new Reader({ directory: project, environment, instead })
  const clone = join(directory, 'clone')
  cloneRepository(clone)
  inRepository = new Reader({ directory: clone, environment: {}, instead: [] })
}, 300_000)

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

describe.each(pages.filter(({ commands }) => commands.length > 0))('$page', ({ blocks, commands }) => {
  let section = ''

  beforeAll(() => {
    for (const { file, text } of blocks) {
      if (file !== undefined) writeFileSync(join(directory, 'project', file), inProject.replace(text))
    }
  })
  afterAll(() => inProject.stop())

  it.each(commands.map((block) => [block.line, block.text.split('\n').at(-1), block] as const))(
    'line %i: %s',
    async (_line, _command, block) => {
      // What was started in one section is ended before the next.
      if (section !== block.section) await inProject.stop()
      section = block.section
      expect(await follow(block)).toBe('as the page says')
    },
  )

  async function follow({ run, text, line }: Block): Promise<string> {
    if (run === undefined) return 'not run'
    // Two services of one section have one port: the newer one takes its place.
    if (run.backgroundUntil === 'listening') await inProject.stop()
    if (run.onlyIf !== undefined && !isInstalled(run.onlyIf)) {
      console.log(`skipped line ${line}: ${run.onlyIf} is not installed`)
    } else {
      await (run.inRepository ? inRepository : inProject).follow(text, run)
    }
    return 'as the page says'
  }
})

describe.each(pages.filter(({ snippets }) => snippets.length > 0))('$page', ({ page, snippets }) => {
  it.each(['mts', 'cts'])(
    'has TypeScript that compiles and runs in a project of .%s files',
    async (format) => {
      const project = join(directory, 'project')
      const name = page.replace(/\W/g, '-')
      const files = snippets.map(({ line, text }) => {
        const file = `${name}-line-${line}.${format}`
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
