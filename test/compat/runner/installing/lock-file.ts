/** What a lock file of npm says about who gets which copy of a package. */
import { readFile } from 'node:fs/promises'

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly peer?: boolean }>>
}

export async function readLockFile(folder: string): Promise<LockFile> {
  return JSON.parse(await readFile(`${folder}/package-lock.json`, 'utf8')) as LockFile
}

/** The place in the tree where Node finds `name` from the package at `from` ('' is the project itself). */
export function findCopy({ packages }: LockFile, from: string, name: string): string | undefined {
  for (let place = from; ;) {
    const candidate = `${place === '' ? '' : `${place}/`}node_modules/${name}`
    if (packages[candidate] !== undefined) return candidate
    if (place === '') return undefined
    const above = place.lastIndexOf('/node_modules/')
    place = above === -1 ? '' : place.slice(0, above)
  }
}
