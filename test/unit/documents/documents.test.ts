import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { alertGroups } from '../../../docker/mixin/alerts/index.ts'
import { config } from '../../../docker/mixin/config.ts'
import { describeUnknownVariables } from '../../../src/config/known-variables.ts'
import { prometheusName } from '../../../docker/mixin/names.ts'
import { ATTRIBUTE, METRICS, prometheusLabel } from '../../../src/telemetry/names.ts'
import { parseBlocks } from '../../examples/markdown-blocks.ts'
import { isFollowed, listRepositoryFiles, REPOSITORY } from '../../examples/repository.ts'

const documents = listRepositoryFiles().filter((file) => file.endsWith('.md'))
const read = (file: string) => readFileSync(join(REPOSITORY, file), 'utf8')
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }

/** The anchors that GitHub gives to headings, and those that the text sets itself. */
function anchorsOf(markdown: string): Set<string> {
  const text = markdown.replace(/^```[\s\S]*?^```/gm, '')
  const headings = (text.match(/^#+ .*$/gm) ?? []).map((heading) =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replace(/ /g, '-'),
  )
  const own = [...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)
  return new Set([...headings, ...own])
}

const rules = listRepositoryFiles(join('docker', 'prometheus', 'rules'))
  .map(read)
  .join()
const metricsAndLabels = new Set([
  ...Object.values(METRICS).map(prometheusName),
  ...Object.values(ATTRIBUTE).map(prometheusLabel),
])
const alerts = new Set(alertGroups.flatMap((group) => group.alerts.map(({ name }) => name)))
/** What the CHANGELOG says is gone, and exports that are called like alerts. */
const OTHER_NAMES: ReadonlySet<string> = new Set([
  'AimlapiDailyBudgetExceeded',
  'AimlapiMonthlyBudgetExceeded',
  'AimlapiInstrumentation',
  'AimlapiInstrumentationConfig',
])

const isMetricOrLabel = (name: string) =>
  metricsAndLabels.has(name) || name.startsWith('aimlapi_tag_') || new RegExp(`\\b${name}\\b`).test(rules)

/** Words of the longest sentence. A long one is hard to read for those who learnt the language late. */
const MAX_WORDS = 35
/** Lists of figures and names. */
const NOT_SENTENCES: ReadonlySet<string> = new Set([join('docs', 'overhead.md')])

/** What a reader reads as one: ended by a mark, a line of a list, or a cell of a table. Code and links are a word. */
function sentencesOf(markdown: string): string[] {
  return markdown
    .replace(/^ *```[\s\S]*?^ *```/gm, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/`[^`]*`/g, 'code')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .split(/\n\s*\n|\n\s*(?=[-*#|]|\d+\. )|\||<br>| · /)
    .flatMap((block) => block.split(/(?<=[.!?:;])\s+/))
}

describe.each(documents)('%s', (document) => {
  const text = read(document)

  it('links only to what exists', () => {
    const broken = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#')
        const file = path === '' ? document : join(dirname(document), path)
        if (!existsSync(join(REPOSITORY, file))) return true
        return anchor !== undefined && !anchorsOf(read(file)).has(anchor)
      })
    expect(broken).toEqual([])
  })

  it('names only metrics, labels, alerts and variables that exist', () => {
    const code = [...text.matchAll(/`([^`\n]+)`/g)].map(([, quoted = '']) => quoted).join(' ')
    const names = code.match(/\baimlapi_\w*[a-z](?![\w…:<])/g) ?? []
    const variables = text.match(/\bAIMLAPI_\w*[A-Z]\b/g) ?? []
    const unknown = [
      ...names.filter((name) => !isMetricOrLabel(name)),
      ...(text.match(/\bAimlapi[A-Z][A-Za-z]+/g) ?? []).filter(
        (name) => !alerts.has(name) && !OTHER_NAMES.has(name),
      ),
      ...variables.filter((name) => describeUnknownVariables({ [name]: '1' }) !== undefined),
    ]
    expect(unknown).toEqual([])
  })

  it.skipIf(NOT_SENTENCES.has(document))(`has no sentence of more than ${MAX_WORDS} words`, () => {
    const long = sentencesOf(text).filter((sentence) => sentence.trim().split(/\s+/).length > MAX_WORDS)
    expect(long).toEqual([])
  })

  it('names only files of the repository that exist', () => {
    const code = [...text.matchAll(/`([^`]+)`/g)].map(([, quoted = '']) => quoted).join(' ')
    const paths = code.match(/(?<![\w./@-])(?:src|test|docs|docker|scripts|examples)\/[\w./-]+\.\w+/g) ?? []
    expect(paths.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([])
  })

  it('names only npm scripts that exist', () => {
    const named = [...text.matchAll(/\bnpm run ([\w:]+)/g)].map(([, name = '']) => name)
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })
})

const followed = documents.filter(isFollowed)

it('follows the README and the pages behind it', () => {
  expect(followed).toContain('README.md')
  expect(followed.length).toBeGreaterThan(10)
})

describe.each(followed)('%s', (document) => {
  it('has a reason for every block of commands that is not run', () => {
    const silent = parseBlocks(read(document)).filter(
      ({ language, run, notRun = '' }) => language === 'sh' && run === undefined && notRun.length < 20,
    )
    expect(silent).toEqual([])
  })
})

describe('the README', () => {
  const blocks = parseBlocks(read('README.md'))

  it('fits on a front page', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(220)
  })

  it('lists the same commands for contributors as .ci/run', () => {
    const all = blocks.find(({ text }) => text.includes('npm run check'))?.text.split('\n') ?? []
    expect(all.length).toBeGreaterThan(2)
    for (const line of all) expect(read('.ci/run')).toContain(`${line}\n`)
  })

  it('uses every file that it shows in a later command', () => {
    for (const [index, { file }] of blocks.entries()) {
      if (file === undefined) continue
      const later = blocks.slice(index + 1).filter(({ run }) => run !== undefined)
      expect(later.some(({ text }) => text.includes(file))).toBe(true)
    }
  })

  it('links to the graph of the query that it asks in the terminal', () => {
    const [, link = ''] = /<(http:\/\/localhost:\d+\/graph\?[^>]+)>/.exec(read('README.md')) ?? []
    const query = new URL(link).searchParams.get('g0.expr')
    const asked = blocks.filter(({ text }) =>
      text.includes(`query instant ${new URL(link).origin} '${query}'`),
    )
    expect(asked).toHaveLength(1)
  })

  it('says how often to scrape, as the rules need it', () => {
    expect(read('README.md')).toContain(`at least every ${config.scrapeIntervalSeconds} seconds`)
  })

  it('starts a simulated service with the files of the compose command', () => {
    for (const { text } of blocks.filter(({ text: commands }) => commands.startsWith('docker compose')))
      for (const [, file = ''] of text.matchAll(/-f (\S+)/g))
        expect(existsSync(join(REPOSITORY, file))).toBe(true)
  })
})
