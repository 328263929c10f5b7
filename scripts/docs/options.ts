/** The table of options, from the one that the configuration is resolved with. */
import { OPTIONS } from '../../src/config.ts'
import { code, codes, formatTable } from './table.ts'

export function formatOptions(): string {
  return formatTable(
    ['Option', 'Environment', 'Default', 'Meaning'],
    OPTIONS.map(({ option, environment, default: standard, meaning }) => [
      code(option),
      environment.length === 0 ? '–' : codes(environment),
      standard === 'none' ? 'none' : code(standard),
      meaning,
    ]),
  )
}
