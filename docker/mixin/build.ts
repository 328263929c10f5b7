/**
 * `npm run mixin` writes the generated files below docker/. `npm run mixin:check` compares them with what is
 * there instead, prints what differs and exits with 1.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { artefacts } from './artefacts.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The first line that differs, as a person looks for it. */
function firstDifference(expected: string, found: string): string {
  const expectedLines = expected.split('\n')
  const foundLines = found.split('\n')
  const line = expectedLines.findIndex((text, index) => text !== foundLines[index])
  const at = line === -1 ? expectedLines.length : line
  return `line ${at + 1}\n    generated: ${expectedLines[at] ?? '(nothing)'}\n    committed: ${foundLines[at] ?? '(nothing)'}`
}

function compare(files: Map<string, string>): number {
  let stale = 0
  for (const [path, text] of files) {
    const file = join(root, path)
    const found = existsSync(file) ? readFileSync(file, 'utf8') : undefined
    if (found === text) continue
    stale++
    console.error(`docker/${path}: ${found === undefined ? 'missing' : firstDifference(text, found)}`)
  }
  console.log(
    stale === 0
      ? `${files.size} generated files are up to date`
      : `${stale} of ${files.size} files differ: run npm run mixin`,
  )
  return stale === 0 ? 0 : 1
}

function write(files: Map<string, string>): number {
  for (const [path, text] of files) {
    const file = join(root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  console.log(`${files.size} files written below docker/`)
  return 0
}

process.exitCode = process.argv.includes('--check') ? compare(artefacts()) : write(artefacts())
