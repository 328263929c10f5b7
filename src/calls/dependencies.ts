/** What the calls and sessions of a process share: where they read from and report to. */
import type { CallSink } from '../ports.ts'
import type { HeaderLookup } from '../traffic/exchange.ts'
import type { SessionEnding } from '../traffic/websocket.ts'
import type { CallRecord } from '../types.ts'
import type { Accounting } from './accounting.ts'
import type { Deferral } from './deferral.ts'
import type { OpenCalls } from './open-calls.ts'
import type { ReadTags } from './tag-reader.ts'

/** What all calls and sessions of a process share. */
export interface Dependencies {
  readonly sink: CallSink
  /** The account name of a request. */
  readonly findAccount: (header: HeaderLookup) => string
  readonly readTags: ReadTags
  readonly accounting: Accounting
  readonly openCalls: OpenCalls
  /** Realtime sessions that have not ended. */
  readonly sessions: Set<{ end(ending: SessionEnding): void }>
  readonly deferral: Deferral
  /** Emits a record. Never throws. */
  readonly onRecord: (record: CallRecord) => void
  /** Called with what recording a decoded call throws. */
  readonly onInternalError: (error: unknown) => void
}
