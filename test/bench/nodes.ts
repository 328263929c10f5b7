/** The versions of Node.js that are measured: those of the compatibility suite, installed there. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { isInstalled, nodeBinary, NODES, SUITE, type NodeMajor } from '../compat/runner/layout.ts'

export interface MeasuredNode {
  readonly major: NodeMajor
  readonly binary: string
}

/**
 * Installs the suite's locked clients where they are not yet there.
 * @param majors as in `20,24`; default all that exist for this platform.
 */
export function findNodes(majors: string | undefined): MeasuredNode[] {
  if (!existsSync(`${SUITE}/node_modules/openai`))
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: SUITE,
      stdio: 'inherit',
    })
  const wanted = majors?.split(',') ?? NODES.map(String)
  return NODES.filter((major) => wanted.includes(String(major)) && isInstalled(major)).map((major) => ({
    major,
    binary: nodeBinary(major),
  }))
}
