/** One CLIENT span per call (GenAI conventions), and one `settle` span for a cost that came later. */
import {
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api'
import type { ActiveCall, CallStart } from '../ports.ts'
import type { CallIdentity, CallRecord, Usage } from '../types.ts'
import { besideHttpSpan } from './caller-context.ts'
import { guarded, type ReportError } from './report-error.ts'
import {
  finishAttributes,
  settlementAttributes,
  spanModel,
  spanName,
  startAttributes,
} from './span-attributes.ts'

const WHERE = 'the tracer'
/** Operation of a response inside a session. Not `realtime`, so that its usage is not added to the session's. */
const RESPONSE_OPERATION = 'realtime_inference'
const CONTEXT = 'the context manager'

/** Where spans go. */
export interface CallSpansOptions {
  /** Called for every span: the host may install its provider late. */
  readonly tracer: () => Tracer
  readonly latestConventions: boolean
  readonly report: ReportError
  /** Counts a finished call in the metrics. Never throws. */
  readonly countCall: (record: CallRecord) => void
}

/** Starts spans. Nothing here throws. */
export class CallSpans {
  readonly #options: CallSpansOptions

  constructor(options: CallSpansOptions) {
    this.#options = options
  }

  /** The context that is active now; the host's context manager may throw. */
  caller(): Context {
    try {
      return context.active()
    } catch (error) {
      this.#options.report(CONTEXT, error)
      return ROOT_CONTEXT
    }
  }

  /** Whether a span of this process is active in `caller`. True where the host's context throws. */
  isInTrace(caller: Context): boolean {
    return (
      guarded(this.#options.report, CONTEXT, () => {
        const parent = trace.getSpanContext(caller)
        return parent !== undefined && parent.isRemote !== true
      }) ?? true
    )
  }

  start(start: CallStart, caller: Context): ActiveCall {
    return new CallSpan(this.#startSpan(start, caller), start, this.#options)
  }

  /** Creates the span `settle`, without a parent: the call's trace has ended long ago. */
  settled(
    identity: CallIdentity,
    usage: Usage,
    inferenceId: string | undefined,
    call: SpanContext | undefined,
  ): void {
    guarded(this.#options.report, WHERE, () => {
      const name = spanName('settle', spanModel(identity.requestModel))
      const attributes = settlementAttributes(identity, usage, inferenceId, this.#options.latestConventions)
      const links = call === undefined ? [] : [{ context: call }]
      this.#options
        .tracer()
        .startSpan(name, { kind: SpanKind.INTERNAL, attributes, links }, ROOT_CONTEXT)
        .end()
    })
  }

  /** Creates the span of a response inside a session, after the response has ended: it has no children. */
  responded(response: CallRecord, session: SpanContext | undefined): void {
    guarded(this.#options.report, WHERE, () => {
      const { startTimeMs, durationMs, errorType } = response
      const record = { ...response, operation: RESPONSE_OPERATION }
      const name = spanName(RESPONSE_OPERATION, spanModel(record.requestModel))
      const attributes = {
        ...startAttributes(record),
        ...finishAttributes(record, this.#options.latestConventions),
      }
      const parent = session === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, session)
      const options = { kind: SpanKind.CLIENT, startTime: startTimeMs, attributes }
      const span = this.#options.tracer().startSpan(name, options, parent)
      if (errorType !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end(startTimeMs + durationMs)
    })
  }

  #startSpan(start: CallStart, caller: Context): Span | undefined {
    try {
      const name = spanName(start.operation, spanModel(start.requestModel))
      const attributes = startAttributes(start)
      const options = { kind: SpanKind.CLIENT, startTime: start.startTimeMs, attributes }
      return this.#options.tracer().startSpan(name, options, besideHttpSpan(caller))
    } catch (error) {
      this.#options.report(WHERE, error)
      return undefined
    }
  }
}

/** The span of one call. If it could not be started, its methods do nothing. */
class CallSpan implements ActiveCall {
  readonly spanContext: SpanContext | undefined
  readonly #span: Span | undefined
  readonly #options: CallSpansOptions
  #name: string

  constructor(span: Span | undefined, start: CallStart, options: CallSpansOptions) {
    this.#span = span
    this.#options = options
    this.#name = spanName(start.operation, spanModel(start.requestModel))
    this.spanContext = guarded(options.report, WHERE, () => validContext(span))
  }

  /** Runs `fn` with the span active. A context manager that does not run it is no error here: the hooks then run it. */
  within(fn: () => void): void {
    if (this.#span === undefined) return fn()
    try {
      context.with(activeWith(this.#span), fn)
    } catch (error) {
      this.#options.report(CONTEXT, error)
    }
  }

  finish(record: CallRecord, linkTo?: SpanContext): void {
    this.#options.countCall(record)
    const span = this.#span
    if (span === undefined) return
    this.#rename(spanName(record.operation, spanModel(record.requestModel)))
    guarded(this.#options.report, WHERE, () => {
      if (!span.isRecording()) return
      span.setAttributes(finishAttributes(record, this.#options.latestConventions))
      if (linkTo !== undefined) span.addLink({ context: linkTo })
      // Without a message: error texts of the API may quote the prompt.
      if (record.errorType !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
    })
    // By itself, so that an error above cannot leave the span open.
    guarded(this.#options.report, WHERE, () => span.end(record.startTimeMs + record.durationMs))
  }

  #rename(name: string): void {
    if (name === this.#name) return
    this.#name = name
    guarded(this.#options.report, WHERE, () => this.#span?.updateName(name))
  }
}

function activeWith(span: Span): Context {
  return trace.setSpan(context.active(), span)
}

function validContext(span: Span | undefined): SpanContext | undefined {
  const spanContext = span?.spanContext()
  return spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext : undefined
}
