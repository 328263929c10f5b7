/** The `aimlapi.*` metrics of calls: requests, tokens, credits, cost, units, missing usage, refunds. */
import type { Meter } from '@opentelemetry/api'
import type { UsageIdentity } from '../ports.ts'
import type { CallIdentity, CallRecord, MissingReason, Usage, UsageSource } from '../types.ts'
import type { AttributeSet, Labels } from './attributes.ts'
import type { CounterBuffer } from './counter-buffer.ts'
import type { ReportError } from './report-error.ts'
import { createRecorders } from './instruments.ts'
import { ATTRIBUTE as A, CALL_METRICS } from './names.ts'

/** Counts calls. Nothing here throws. */
export class CallMetrics {
  readonly #labels: Labels
  readonly #record

  constructor(meter: Meter, labels: Labels, report: ReportError, buffer: CounterBuffer) {
    this.#labels = labels
    this.#record = createRecorders(meter, CALL_METRICS, report, buffer)
  }

  finished(record: CallRecord): void {
    const set = this.#labels.ofCall(record)
    this.#record.requests(1, this.#labels.withError(set, record.errorType).attributes)
  }

  usage(identity: UsageIdentity, usage: Usage, source: UsageSource): void {
    const { inputTokens, outputTokens, details, units, credits, usd } = usage
    const set = this.#labels.ofCall(identity)
    const sourced = this.#labels.ofUsage(identity).with(A.usageSource, source)
    if (inputTokens !== undefined)
      this.#record.tokens(inputTokens, sourced.with(A.tokenType, 'input').attributes)
    if (outputTokens !== undefined)
      this.#record.tokens(outputTokens, sourced.with(A.tokenType, 'output').attributes)
    if (credits !== undefined) this.#record.creditsUsed(credits, sourced.attributes)
    if (usd !== undefined) this.#record.costUsd(usd, sourced.attributes)
    if (details !== undefined) this.#countEach(this.#record.tokenDetails, details, sourced, A.tokenDetail)
    if (units !== undefined) this.#countEach(this.#record.units, units, set, A.unit)
  }

  connected(identity: CallIdentity, seconds: number): void {
    this.#record.sessionSeconds(seconds, this.#labels.ofCall(identity).attributes)
  }

  missing(identity: CallIdentity, reason: MissingReason): void {
    this.#record.usageMissing(1, this.#labels.ofCall(identity).with(A.missingReason, reason).attributes)
  }

  refunded(identity: CallIdentity, credits: number): void {
    this.#record.creditsRefunded(credits, this.#labels.ofCall(identity).attributes)
  }

  #countEach(
    count: (value: number, attributes: AttributeSet['attributes']) => void,
    values: Readonly<Record<string, number>>,
    set: AttributeSet,
    attribute: string,
  ): void {
    for (const name in values) count(values[name] ?? 0, set.with(attribute, name).attributes)
  }
}
