import { diag } from '@opentelemetry/api'
import { afterEach, expect, it, vi } from 'vitest'
import { ensureLogger } from '../../../src/sdk/logger.ts'

afterEach(() => vi.restoreAllMocks())

it.each(['LOUD', '30', 'CONSTRUCTOR'])('takes OTEL_LOG_LEVEL=%s, which is no level, for info', (level) => {
  const lines = vi.spyOn(console, 'error').mockImplementation(() => {})
  const removeLogger = ensureLogger(level)
  diag.info('aimlapi: here')
  diag.debug('aimlapi: not here')
  removeLogger()
  expect(lines.mock.calls).toStrictEqual([['aimlapi: here']])
})
