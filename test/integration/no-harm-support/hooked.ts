/** Hooks a process from the outside: `node --import` of this file observes everything the process requests. */
import { hookNodeHttp } from '../../../src/traffic/node-http.ts'
import { hookUndici } from '../../../src/traffic/undici.ts'
import { createRecorder } from '../traffic-support/recorder.ts'

const recorder = createRecorder()
hookUndici(recorder)
hookNodeHttp(recorder)
process.on('exit', () => process.stderr.write(`observed ${recorder.exchanges.length}\n`))
