import { ROOT_CONTEXT } from '@opentelemetry/api'
import type { ActiveCall, CallSink, CallStart } from '../../../src/ports.ts'
import type { CallIdentity, CallRecord, MissingReason, Usage, UsageSource } from '../../../src/types.ts'

/** A CallSink that keeps what it was told, in order. */
export interface RecordingSink extends CallSink {
  readonly started: CallStart[]
  readonly finished: CallRecord[]
  readonly usages: { identity: CallIdentity; usage: Usage; source: UsageSource }[]
  readonly missed: { identity: CallIdentity; reason: MissingReason }[]
  readonly refunds: { identity: CallIdentity; credits: number }[]
  readonly intervalsMs: number[]
  readonly responses: CallRecord[]
  connectedSeconds: number
  readonly settlements: { identity: CallIdentity; usage: Usage; inferenceId: string | undefined }[]
}

export function createRecordingSink(): RecordingSink {
  const sink: RecordingSink = {
    started: [],
    finished: [],
    usages: [],
    missed: [],
    refunds: [],
    settlements: [],
    intervalsMs: [],
    responses: [],
    connectedSeconds: 0,
    isInTrace: () => false,
    caller: () => ROOT_CONTEXT,
    chunkIntervals: (_, intervalsMs) => void sink.intervalsMs.push(...intervalsMs),
    start(start): ActiveCall {
      sink.started.push(start)
      return {
        spanContext: undefined,
        within: (fn) => fn(),
        finish: (record) => void sink.finished.push(record),
      }
    },
    usage: (identity, usage, source) => void sink.usages.push({ identity, usage, source }),
    responded: (response) => void sink.responses.push(response),
    connected: (_, seconds) => void (sink.connectedSeconds += seconds),
    missing: (identity, reason) => void sink.missed.push({ identity, reason }),
    refunded: (identity, credits) => void sink.refunds.push({ identity, credits }),
    settled: (identity, usage, inferenceId) => void sink.settlements.push({ identity, usage, inferenceId }),
  }
  return sink
}
