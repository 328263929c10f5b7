/** Programs of newer servers than the system has, where `scripts/servers/fetch.sh` has unpacked them. */
import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export type NewerProgram =
  | 'prometheus'
  | 'promtool'
  | 'prometheus-alertmanager'
  | 'victoria-metrics'
  | 'vmagent'
  | 'vmalert'
  | 'vmalert-tool'

/** The path of a program, or `undefined` where it was not fetched. */
export function newerPrograms(program: NewerProgram): string | undefined {
  const { RULE_SERVERS, XDG_CACHE_HOME } = process.env
  const folder = RULE_SERVERS ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'aimlapi-servers')
  const path = join(folder, 'root/usr/bin', program)
  try {
    accessSync(path, constants.X_OK)
    return path
  } catch {
    return undefined
  }
}
