/** The table of other tools: what the houses of the compatibility suite have shown, with the versions they install. */
import { readFileSync } from 'node:fs'
import { cellsOf, TOOLS, type Tool } from '../../test/compat/runner/houses/tools.ts'
import { formatTable } from './table.ts'

export function formatHouses(): string {
  return formatTable(
    ['Tool', 'Tried with', 'Set up', 'What you get'],
    TOOLS.map((tool) => {
      cellsOf(tool)
      return [tool.tool, formatVersionsOf(tool), tool.setUp, tool.result]
    }),
  )
}

function formatVersionsOf({ house, packages }: Tool): string {
  const file = new URL(`../../test/compat/houses/${house}/package.json`, import.meta.url)
  const { dependencies } = JSON.parse(readFileSync(file, 'utf8')) as { dependencies: Record<string, string> }
  const versions = packages.map((name) => `\`${name}\` ${dependencies[name] ?? unknown(house, name)}`)
  return versions.join(', ') || 'Node.js'
}

function unknown(house: string, name: string): never {
  throw new Error(`${house} does not depend on ${name}`)
}
