/** The files of this repository as a clone has them, also where there is no git. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))

/** What .gitignore names, and what is no document or source. */
const LEFT_OUT: ReadonlySet<string> = new Set(['.git', 'node_modules', 'dist', 'coverage'])
const LEFT_OUT_ENDINGS = /\.(?:tgz|cpuprofile)$/

/** Paths relative to the root. */
export function listRepositoryFiles(below = ''): string[] {
  return readdirSync(join(REPOSITORY, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name)
    if (LEFT_OUT.has(entry.name) || LEFT_OUT_ENDINGS.test(path)) return []
    return entry.isDirectory() ? listRepositoryFiles(path) : [path]
  })
}

const GENERATED: ReadonlySet<string> = new Set([join('docs', 'api.md'), join('docs', 'overhead.md')])

/** Whether a reader follows this document with commands: README.md and the pages of docs, but for records of decisions. */
export function isFollowed(file: string): boolean {
  return file === 'README.md' || (/^docs\/[^/]+\.md$/.test(file) && !GENERATED.has(file))
}
