/** The `gen_ai.client.*` metrics: of conventions 1.41, or the rewritten ones (semantic-conventions-genai, 2026-08). */
import type { Meter } from '@opentelemetry/api'
import type { StreamIdentity, UsageIdentity } from '../ports.ts'
import type { CallRecord, Usage } from '../types.ts'
import type { Labels } from './attributes.ts'
import type { CounterBuffer } from './counter-buffer.ts'
import type { ReportError } from './report-error.ts'
import { createRecorders } from './instruments.ts'
import { modalityOfPart, splitByModality } from './modality.ts'
import { traitsOf } from './operations.ts'
import { ATTRIBUTE as A, GEN_AI_LATEST_METRICS, GEN_AI_METRICS } from './names.ts'

/** Reading a stored response is no generation: the conventions count no tokens for it. */
const POLL_OPERATION = 'fetch_response'
/** The operation of a realtime session and its responses. */
export const SESSION = 'realtime'
const MS_PER_SECOND = 1000

/** Conventions 1.41. */
export function createStableMetrics(meter: Meter, labels: Labels, report: ReportError) {
  const metrics = createRecorders(meter, GEN_AI_METRICS, report)
  return {
    /** Of a realtime session the responses are recorded, one by one. */
    finished(call: CallRecord): void {
      const { durationMs, timeToFirstChunkMs, errorType } = call
      const set = labels.ofGenAi(call)
      metrics.operationDuration(durationMs / MS_PER_SECOND, labels.withError(set, errorType).attributes)
      if (timeToFirstChunkMs !== undefined)
        metrics.timeToFirstChunk(timeToFirstChunkMs / MS_PER_SECOND, set.attributes)
    },
    usage(identity: UsageIdentity, { inputTokens, outputTokens }: Usage): void {
      if (identity.operation === POLL_OPERATION || (inputTokens === undefined && outputTokens === undefined))
        return
      const set = labels.ofGenAi(identity)
      if (inputTokens !== undefined)
        metrics.tokenUsage(inputTokens, set.with(A.tokenType, 'input').attributes)
      if (outputTokens !== undefined)
        metrics.tokenUsage(outputTokens, set.with(A.tokenType, 'output').attributes)
    },
    chunkIntervals(identity: StreamIdentity, intervalsMs: readonly number[]): void {
      const { attributes } = labels.ofGenAi(identity)
      for (const intervalMs of intervalsMs) metrics.timePerOutputChunk(intervalMs / MS_PER_SECOND, attributes)
    },
  }
}

/** The rewritten conventions. */
export function createLatestMetrics(
  meter: Meter,
  labels: Labels,
  report: ReportError,
  buffer: CounterBuffer,
): ReturnType<typeof createStableMetrics> {
  const metrics = createRecorders(meter, GEN_AI_LATEST_METRICS, report, buffer)
  return {
    finished(call) {
      const { operation, durationMs, timeToFirstChunkMs, errorType, usage } = call
      const set = labels.ofGenAi(call)
      const { isInference } = traitsOf(operation)
      const duration = isInference ? metrics.inferenceDuration : metrics.operationDuration
      duration(durationMs / MS_PER_SECOND, labels.withError(set, errorType).attributes)
      if (!isInference) return
      if (timeToFirstChunkMs !== undefined)
        metrics.timeToFirstChunk(timeToFirstChunkMs / MS_PER_SECOND, set.attributes)
      if (operation !== SESSION && usage?.inputTokens === undefined && usage?.outputTokens === undefined) {
        // A series for "no usage", so that missing usage can be distinguished from a service without traffic.
        const unknown = set.with(A.tokenModality, 'unknown').attributes
        metrics.inputTokens(0, unknown)
        metrics.outputTokens(0, unknown)
      }
    },
    usage(identity, { inputTokens, outputTokens, details }) {
      const { operation } = identity
      if (!traitsOf(operation).countsTokens || (inputTokens === undefined && outputTokens === undefined))
        return
      const set = labels.ofGenAi(identity)
      if (inputTokens !== undefined) {
        const parts = splitByModality('input', inputTokens, details, operation)
        const part = set.with(A.tokenModality, modalityOfPart(parts)).attributes
        for (const [modality, tokens] of parts)
          metrics.inputTokens(tokens, set.with(A.tokenModality, modality).attributes)
        if (details?.cache_read !== undefined) metrics.cacheReadInputTokens(details.cache_read, part)
        if (details?.cache_write !== undefined) metrics.cacheWriteInputTokens(details.cache_write, part)
        metrics.operationInputTokens(inputTokens, set.attributes)
      }
      if (outputTokens !== undefined) {
        const parts = splitByModality('output', outputTokens, details, operation)
        const part = set.with(A.tokenModality, modalityOfPart(parts)).attributes
        for (const [modality, tokens] of parts)
          metrics.outputTokens(tokens, set.with(A.tokenModality, modality).attributes)
        if (details?.reasoning !== undefined) metrics.reasoningOutputTokens(details.reasoning, part)
        metrics.operationOutputTokens(outputTokens, set.attributes)
      }
    },
    chunkIntervals(identity, intervalsMs) {
      if (!traitsOf(identity.operation).isInference) return
      const { attributes } = labels.ofGenAi(identity)
      for (const intervalMs of intervalsMs) metrics.timePerOutputChunk(intervalMs / MS_PER_SECOND, attributes)
    },
  }
}
