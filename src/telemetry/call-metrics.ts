/** The `aimlapi.*` metrics of calls: requests, tokens, credits, cost, units, missing usage, refunds. */
import type { Meter } from '@opentelemetry/api'
import type { UsageIdentity } from '../ports.ts'
import type { CallIdentity, CallRecord, MissingReason, Usage, UsageSource } from '../types.ts'
import type { AttributeSet, Labels } from './attributes.ts'
import type { CounterBuffer, Recorder } from './counter-buffer.ts'
import type { ReportError } from './report-error.ts'
import { createRecorders } from './instruments.ts'
import { ATTRIBUTE as A, CALL_METRICS } from './names.ts'

/** Counts calls. Nothing here throws. */
export function createCallMetrics(meter: Meter, labels: Labels, report: ReportError, buffer: CounterBuffer) {
  const count = createRecorders(meter, CALL_METRICS, report, buffer)
  return {
    finished(record: CallRecord): void {
      count.requests(1, labels.withError(labels.ofCall(record), record.errorType).attributes)
    },
    usage(identity: UsageIdentity, usage: Usage, source: UsageSource): void {
      const { inputTokens, outputTokens, details, units, credits, usd } = usage
      const set = labels.ofCall(identity)
      const sourced = labels.ofUsage(identity).with(A.usageSource, source)
      if (inputTokens !== undefined) count.tokens(inputTokens, sourced.with(A.tokenType, 'input').attributes)
      if (outputTokens !== undefined)
        count.tokens(outputTokens, sourced.with(A.tokenType, 'output').attributes)
      if (credits !== undefined) count.creditsUsed(credits, sourced.attributes)
      if (usd !== undefined) count.costUsd(usd, sourced.attributes)
      if (details !== undefined) countEach(count.tokenDetails, details, sourced, A.tokenDetail)
      if (units !== undefined) countEach(count.units, units, set, A.unit)
    },
    connected(identity: CallIdentity, seconds: number): void {
      count.sessionSeconds(seconds, labels.ofCall(identity).attributes)
    },
    missing(identity: CallIdentity, reason: MissingReason): void {
      count.usageMissing(1, labels.ofCall(identity).with(A.missingReason, reason).attributes)
    },
    refunded(identity: CallIdentity, credits: number): void {
      count.creditsRefunded(credits, labels.ofCall(identity).attributes)
    },
  }
}

function countEach(
  count: Recorder,
  values: Readonly<Record<string, number>>,
  set: AttributeSet,
  attribute: string,
): void {
  for (const name in values) count(values[name] ?? 0, set.with(attribute, name).attributes)
}
