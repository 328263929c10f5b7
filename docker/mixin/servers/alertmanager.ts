/** A real Alertmanager. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { type ServerProcess, startServer } from './server-process.ts'

/** Debian calls the binary prometheus-alertmanager. */
export const ALERTMANAGER = 'prometheus-alertmanager'

/**
 * @param config The text of an alertmanager.yml.
 * @param command Its path; the one on the PATH unless told.
 */
export function startAlertmanager(config: string, command = ALERTMANAGER): Promise<ServerProcess> {
  return startServer({
    command,
    readyPath: '/-/ready',
    arguments: (address, folder) => {
      const file = join(folder, 'alertmanager.yml')
      writeFileSync(file, config)
      return [
        `--config.file=${file}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
        // No cluster of one, and no port for it.
        '--cluster.listen-address=',
        '--log.level=warn',
      ]
    },
  })
}
