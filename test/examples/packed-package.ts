/** The package as it would be published. */
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from './repository.ts'

/** Packs `dist` as it is; returns the tarball's path. */
export function packPackage(directory: string): string {
  mkdirSync(directory, { recursive: true })
  const answer = execFileSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', directory],
    {
      cwd: REPOSITORY,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  const [{ filename }] = JSON.parse(answer) as [{ filename: string }]
  return join(directory, filename)
}

/** Puts the tarball's contents into a directory. */
export function unpackPackage(tarball: string, directory: string): void {
  mkdirSync(directory, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', directory, '--strip-components=1'])
}
