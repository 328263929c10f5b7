/**
 * The fenced blocks of a Markdown file, and what the comment in front of each says about it:
 *
 *     <!-- run: background until "listening", if prometheus -->
 *     <!-- not run: needs a Docker engine -->
 *     <!-- file: app.mjs -->
 */

/** How a block of shell commands is run. */
export interface RunPlan {
  /** Left running until the section ends; the test goes on when its output has this text. */
  readonly backgroundUntil?: string
  /** Its output must have this text. */
  readonly prints?: string
  /** Run again, for a while, until its output has this text. */
  readonly retriedUntil?: string
  /** Only when this program is installed. */
  readonly onlyIf?: string
  /** In a copy of the repository instead of the reader's own project. */
  readonly inRepository: boolean
  /** Added to the last line, to make it end by itself. */
  readonly withArguments?: string
}

export interface Block {
  readonly language: string
  readonly text: string
  /** Of the fence, counted from 1. */
  readonly line: number
  /** The last heading of level 1 or 2 above it. */
  readonly section: string
  readonly run?: RunPlan
  readonly notRun?: string
  readonly file?: string
}

const CLAUSES: readonly (readonly [RegExp, (text: string) => Partial<RunPlan>])[] = [
  [/^background until "(.+)"$/, (backgroundUntil) => ({ backgroundUntil })],
  [/^prints "(.+)"$/, (prints) => ({ prints })],
  [/^again until it prints "(.+)"$/, (retriedUntil) => ({ retriedUntil })],
  [/^if (\S+)$/, (onlyIf) => ({ onlyIf })],
  [/^in the repository$/, () => ({ inRepository: true })],
  [/^with "(.+)"$/, (withArguments) => ({ withArguments })],
]

/** Throws for a comment that is not understood: a block must not go unrun by a typing error. */
export function parseBlocks(markdown: string): Block[] {
  const blocks: Block[] = []
  const lines = markdown.split('\n')
  let section = ''
  let directive: Pick<Block, 'run' | 'notRun' | 'file'> = {}
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const fence = /^```(\w*)$/.exec(line)
    if (fence !== null) {
      const start = index
      const text: string[] = []
      for (index++; index < lines.length && lines[index] !== '```'; index++) text.push(lines[index] ?? '')
      const plan = fence[1] === 'sh' ? { run: { inRepository: false } } : {}
      const notRun = directive.notRun === undefined ? plan : {}
      const block = { language: fence[1] ?? '', text: text.join('\n'), line: start + 1, section }
      blocks.push({ ...block, ...notRun, ...directive })
      directive = {}
    } else if (/^##? /.test(line)) {
      section = line.replace(/^#+ /, '')
    } else if (line.startsWith('<!--')) {
      directive = parseDirective(line) ?? directive
    } else if (line.trim() !== '') {
      directive = {}
    }
  }
  return blocks
}

function parseDirective(line: string): Pick<Block, 'run' | 'notRun' | 'file'> | undefined {
  const match = /^<!-- (run|not run|file): (.+) -->$/.exec(line)
  const text = match?.[2] ?? ''
  if (match?.[1] === 'file') return { file: text }
  if (match?.[1] === 'not run') return { notRun: text }
  if (match?.[1] !== 'run') return undefined
  const clauses = text.split(/, (?=[a-z])/)
  return {
    run: clauses.reduce<RunPlan>((plan, clause) => ({ ...plan, ...parseClause(clause) }), {
      inRepository: false,
    }),
  }
}

function parseClause(clause: string): Partial<RunPlan> {
  for (const [pattern, read] of CLAUSES) {
    const match = pattern.exec(clause)
    if (match !== null) return read(match[1] ?? '')
  }
  throw new Error(`"${clause}" is no way to run a block`)
}
