import { diag, DiagLogLevel } from '@opentelemetry/api'
import { afterEach, expect, it } from 'vitest'
import { reportFirstError } from '../../src/diagnostics.ts'

afterEach(() => diag.disable())

it('an error of one place is said once, without its message, and hides no error of another place', () => {
  const said: string[] = []
  const say = (line: string): void => void said.push(line)
  const logger = { error: say, warn: say, info: say, debug: say, verbose: say }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  const [ofListener, ofRecording] = [reportFirstError('onCall'), reportFirstError('recording a call')]
  ofListener(new TypeError('a prompt'))
  ofListener(new TypeError('a prompt'))
  ofRecording(new RangeError('a prompt'))
  expect(said).toHaveLength(2)
  expect(said[0]).toContain('onCall was caught (TypeError)')
  expect(said[1]).toContain('recording a call was caught (RangeError)')
  expect(said.join()).not.toContain('prompt')
})
