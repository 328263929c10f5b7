import { expect, it } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { createInstrumentation } from '../../src/instrumentation.ts'

it('takes new options in place of those that register() was given', () => {
  const options = { enabled: false, balance: false, settlement: false }
  const instrumentation = createInstrumentation(options, resolveConfig(options))
  instrumentation.setConfig({ ...instrumentation.getConfig(), baseUrls: 'no URL' })
  expect(() => instrumentation.enable()).toThrow(/baseUrls/)
})
