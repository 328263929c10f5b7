/** The accounts file of `--accounts-file`: a JSON array of `{ name, apiKey, managementKey? }`, or lines of `name=key`. */
import { readFileSync, statSync } from 'node:fs'
import { ConfigurationError } from '../config.ts'

const MAX_SIZE_BYTES = 1024 * 1024
const ACCEPTED =
  'a JSON array of { "name": …, "apiKey": … } (with "managementKey" if there is one), or one name=key per line (# begins a comment)'

/** Accounts to be checked by `resolveConfig`. @throws ConfigurationError, which never shows the contents of the file. */
export function readAccountsFile(path: string): { accounts: readonly unknown[]; warning?: string } {
  try {
    const { mode, size } = statSync(path)
    if (size > MAX_SIZE_BYTES)
      throw new ConfigurationError(`accounts file ${path} is larger than ${MAX_SIZE_BYTES} bytes`)
    const content = readFileSync(path, 'utf8')
      .replace(/^\uFEFF/, '')
      .trim()
    const accounts = content.startsWith('[') ? parseJson(content) : parseLines(content)
    if (process.platform === 'win32' || (mode & 0o004) === 0) return { accounts }
    const warning = `accounts file ${path} can be read by every user of this machine; chmod 600 keeps its keys to you`
    return { accounts, warning }
  } catch (error) {
    if (error instanceof ConfigurationError) throw error
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    throw new ConfigurationError(`accounts file ${path} cannot be read (${code})`)
  }
}

function parseJson(content: string): readonly unknown[] {
  try {
    return JSON.parse(content) as unknown[]
  } catch {
    // The parser's message is left out: it quotes the text with its keys.
    throw new ConfigurationError(`accounts file is no valid JSON; accepted: ${ACCEPTED}`)
  }
}

function parseLines(content: string): readonly unknown[] {
  return content.split(/\r?\n/).flatMap((line, index) => {
    const entry = line.trim()
    if (entry === '' || entry.startsWith('#')) return []
    const equals = entry.indexOf('=')
    if (equals === -1)
      throw new ConfigurationError(`accounts file, line ${index + 1} has no "="; accepted: ${ACCEPTED}`)
    return [{ name: entry.slice(0, equals), apiKey: entry.slice(equals + 1) }]
  })
}
