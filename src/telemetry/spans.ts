/** One CLIENT span per call (GenAI conventions), and one `settle` span for a cost that came later. */
import {
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api'
import type { ActiveCall, CallSink } from '../ports.ts'
import type { CallRecord } from '../types.ts'
import { besideHttpSpan } from './caller-context.ts'
import { guarded, type ReportError } from './report-error.ts'
import { finishAttributes, settlementAttributes, spanName, startAttributes } from './span-attributes.ts'

const WHERE = 'the tracer'
/** Operation of a response inside a session. Not `realtime`, so that its usage is not added to the session's. */
const RESPONSE_OPERATION = 'realtime_inference'
const CONTEXT = 'the context manager'

export interface CallSpansOptions {
  readonly tracer: () => Tracer
  readonly latestConventions: boolean
  readonly report: ReportError
  /** Counts a finished call in the metrics. Never throws. */
  readonly countCall: (record: CallRecord) => void
}

/** Starts spans. Nothing here throws. */
export function createCallSpans(
  options: CallSpansOptions,
): Pick<CallSink, 'caller' | 'isInTrace' | 'start' | 'settled' | 'responded'> {
  const { tracer, latestConventions, report } = options
  return {
    /** The host's context manager may throw. */
    caller() {
      try {
        return context.active()
      } catch (error) {
        report(CONTEXT, error)
        return ROOT_CONTEXT
      }
    },
    /** True where the host's context throws. */
    isInTrace(caller) {
      return (
        guarded(report, CONTEXT, () => {
          const parent = trace.getSpanContext(caller)
          return parent !== undefined && parent.isRemote !== true
        }) ?? true
      )
    },
    start(start, caller) {
      const name = spanName(start.operation, start.requestModel)
      let span: Span | undefined
      try {
        const attributes = startAttributes(start)
        const spanOptions = { kind: SpanKind.CLIENT, startTime: start.startTimeMs, attributes }
        span = tracer().startSpan(name, spanOptions, besideHttpSpan(caller))
      } catch (error) {
        report(WHERE, error)
      }
      return new CallSpan(span, name, options)
    },
    /** Creates the span `settle`, without a parent: the call's trace has ended long ago. */
    settled(identity, usage, inferenceId, call) {
      guarded(report, WHERE, () => {
        const name = spanName('settle', identity.requestModel)
        const attributes = settlementAttributes(identity, usage, inferenceId, latestConventions)
        const links = call === undefined ? [] : [{ context: call }]
        tracer().startSpan(name, { kind: SpanKind.INTERNAL, attributes, links }, ROOT_CONTEXT).end()
      })
    },
    /** Creates the span of a response inside a session, after the response has ended: it has no children. */
    responded(response, session) {
      guarded(report, WHERE, () => {
        const { startTimeMs, durationMs, errorType } = response
        const record = { ...response, operation: RESPONSE_OPERATION }
        const name = spanName(RESPONSE_OPERATION, record.requestModel)
        const attributes = { ...startAttributes(record), ...finishAttributes(record, latestConventions) }
        const parent = session === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, session)
        const spanOptions = { kind: SpanKind.CLIENT, startTime: startTimeMs, attributes }
        const span = tracer().startSpan(name, spanOptions, parent)
        if (errorType !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
        span.end(startTimeMs + durationMs)
      })
    },
  }
}

/** The span of one call. If it could not be started, its methods do nothing. */
class CallSpan implements ActiveCall {
  readonly spanContext: SpanContext | undefined
  readonly #span: Span | undefined
  readonly #name: string
  readonly #options: CallSpansOptions

  constructor(span: Span | undefined, name: string, options: CallSpansOptions) {
    this.#span = span
    this.#name = name
    this.#options = options
    this.spanContext = guarded(options.report, WHERE, () => {
      const spanContext = span?.spanContext()
      return spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext : undefined
    })
  }

  /** Runs `fn` with the span active. A context manager that does not run it is no error here: the hooks then run it. */
  within(fn: () => void): void {
    if (this.#span === undefined) return fn()
    try {
      context.with(trace.setSpan(context.active(), this.#span), fn)
    } catch (error) {
      this.#options.report(CONTEXT, error)
    }
  }

  finish(record: CallRecord, linkTo?: SpanContext): void {
    const { countCall, report, latestConventions } = this.#options
    countCall(record)
    const span = this.#span
    if (span === undefined) return
    const name = spanName(record.operation, record.requestModel)
    if (name !== this.#name) guarded(report, WHERE, () => span.updateName(name))
    guarded(report, WHERE, () => {
      if (!span.isRecording()) return
      span.setAttributes(finishAttributes(record, latestConventions))
      if (linkTo !== undefined) span.addLink({ context: linkTo })
      // Without a message: error texts of the API may quote the prompt.
      if (record.errorType !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
    })
    // By itself, so that an error above cannot leave the span open.
    guarded(report, WHERE, () => span.end(record.startTimeMs + record.durationMs))
  }
}
