/** Calls as src/calls describes them. */
import type { CallStart } from '../../../src/ports.ts'
import type { CallRecord } from '../../../src/types.ts'

export const START: CallStart = {
  operation: 'chat',
  endpoint: 'chat',
  account: 'default',
  tags: {},
  serverAddress: 'api.aimlapi.com',
  serverPort: 443,
  startTimeMs: 1_790_000_000_000.25,
}

export const RECORD: CallRecord = {
  kind: 'call',
  ...START,
  requestModel: 'openai/gpt-5',
  durationMs: 1500,
  stream: false,
  parameters: {},
  httpStatus: 200,
  pending: false,
}
