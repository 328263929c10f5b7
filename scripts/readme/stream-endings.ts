/** The table of stream endings, as the compatibility suite wrote it. */
import { existsSync, readFileSync } from 'node:fs'

const DOCUMENT = new URL('../../docs/stream-endings.md', import.meta.url)

/** The document without its title. */
export function formatStreamEndings(): string {
  if (!existsSync(DOCUMENT)) return 'Written by `npm run test:compat -- --write`.'
  return readFileSync(DOCUMENT, 'utf8').replace(/^# .*\n/, '')
}
