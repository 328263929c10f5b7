/** Instruments a process from the outside: `node --import` of this file counts everything that the process calls. */
import { AimlapiInstrumentation } from '../../../src/index.ts'

let calls = 0
const onCall = (): void => void calls++
const instrumentation = new AimlapiInstrumentation({
  baseUrls: '*',
  balance: false,
  settlement: false,
  onCall,
})
process.on('exit', () => {
  // What is open is closed, and so counted.
  instrumentation.disable()
  process.stderr.write(`observed ${calls}\n`)
})
