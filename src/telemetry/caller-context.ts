import { SpanKind, trace, type Attributes, type Context, type SpanContext } from '@opentelemetry/api'

/** What SDK 2.x and 3.x let be read of a span. */
interface ReadableSpan {
  readonly kind?: SpanKind
  readonly attributes?: Attributes
  readonly parentSpanContext?: SpanContext
}

/** By these an HTTP client span is known: the conventions', and what they said before. */
const METHODS = ['http.request.method', 'http.method']

/**
 * The context for the span of a call that was made in `active`. `@opentelemetry/instrumentation-http` wraps
 * `http.request` and has made a span of its own the active one before there is a request: the call's span becomes
 * the sibling of that one, as it cannot become its parent. Where the HTTP span is the root of its trace there is no
 * place beside it, and the call's span becomes its child.
 */
export function besideHttpSpan(active: Context): Context {
  const span = trace.getSpan(active) as ReadableSpan | undefined
  if (span?.kind !== SpanKind.CLIENT || span.parentSpanContext === undefined) return active
  const { attributes = {}, parentSpanContext } = span
  return METHODS.some((name) => attributes[name] !== undefined)
    ? trace.setSpanContext(active, parentSpanContext)
    : active
}
