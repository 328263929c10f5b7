/** The table of what the package keeps in memory. */
import { formatTable } from '../../scripts/docs/table.ts'
import { MEMORY_CASES } from './memory-cases.ts'
import type { Results } from './results.ts'

const KIB = 1024
const MIB = 1024 * KIB

export function formatMemory({ memory = {} }: Results): string {
  const nodes = Object.entries(memory)
  if (nodes.length === 0) return 'Written by `npm run bench:memory -- --write`.'
  const rows = MEMORY_CASES.filter(({ name }) => nodes.some(([, bytes]) => bytes[name] !== undefined)).map(
    ({ name, title, limitBytes }) => [
      title,
      limitBytes === undefined ? '' : formatBytes(limitBytes),
      ...nodes.map(([, bytes]) => (bytes[name] === undefined ? '–' : formatBytes(bytes[name]))),
    ],
  )
  return formatTable(
    ['Memory beyond the same program without', 'Budget', ...nodes.map(([major]) => `Node ${major}`)],
    rows,
  )
}

export function formatBytes(bytes: number): string {
  if (Math.abs(bytes) >= MIB) return `${(bytes / MIB).toFixed(1)} MiB`
  return `${(bytes / KIB).toFixed(1)} KiB`
}
