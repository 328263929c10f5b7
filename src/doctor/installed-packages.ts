/** Finds the installed copies of a package as Node.js would. Reads directories, loads nothing. */
import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

export type InstalledPackage = NonNullable<ReturnType<typeof readPackage>>

/** Directories read at most; of a larger monorepo only a part is searched. */
const MAX_DIRECTORIES = 50_000

/** The copy that code in `directory` gets by `import`: the nearest `node_modules` that has it. */
export function resolvePackage(name: string, directory: string): InstalledPackage | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const found = readPackage(join(at, 'node_modules', name))
    if (found !== undefined) return found
    if (at === dirname(at)) return undefined
  }
}

/** Every copy of the named packages below `directory`'s `node_modules`, nested ones and pnpm's store included. */
export function findCopies(names: readonly string[], directory: string): InstalledPackage[] {
  const copies = new Map<string, InstalledPackage>()
  const waiting = [join(directory, 'node_modules')]
  for (let read = 0; read < MAX_DIRECTORIES; read++) {
    const modules = waiting.pop()
    if (modules === undefined) break
    const entries = listDirectories(modules)
    if (entries.length === 0) continue
    for (const name of names) {
      const found = readPackage(join(modules, name))
      if (found !== undefined) copies.set(found.directory, found)
    }
    for (const entry of entries) {
      if (entry === '.pnpm' || entry.startsWith('@')) {
        for (const inner of listDirectories(join(modules, entry)))
          waiting.push(join(modules, entry, inner, 'node_modules'))
      } else if (!entry.startsWith('.')) {
        waiting.push(join(modules, entry, 'node_modules'))
      }
    }
  }
  return [...copies.values()]
}

function readPackage(directory: string) {
  try {
    const real = realpathSync(directory)
    const text = readFileSync(join(real, 'package.json'), 'utf8')
    const { name, version } = JSON.parse(text) as Partial<Record<string, unknown>>
    if (typeof name !== 'string' || typeof version !== 'string') return undefined
    // With symbolic links resolved: two copies differ in their directory.
    return { name, version, directory: real }
  } catch {
    return undefined
  }
}

/** Without symbolic links: their targets are found at their own place, and there are no loops. */
function listDirectories(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
  } catch {
    return []
  }
}
