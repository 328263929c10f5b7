import { SpanKind, trace, type Attributes, type Context, type SpanContext } from '@opentelemetry/api'

/** The fields that spans of SDK 2.x and 3.x have. */
interface ReadableSpan {
  readonly kind?: SpanKind
  readonly attributes?: Attributes
  readonly parentSpanContext?: SpanContext
}

/** Attributes of HTTP client spans: of the current conventions, and of the earlier ones. */
const METHODS = ['http.request.method', 'http.method']

/**
 * The parent context of a call's span. `@opentelemetry/instrumentation-http` wraps `http.request` and has a span active
 * before Node creates the request: ours becomes its sibling, or its child where it is the root of its trace.
 */
export function besideHttpSpan(active: Context): Context {
  const span = trace.getSpan(active) as ReadableSpan | undefined
  if (span?.kind !== SpanKind.CLIENT || span.parentSpanContext === undefined) return active
  const { attributes = {}, parentSpanContext } = span
  return METHODS.some((name) => attributes[name] !== undefined)
    ? trace.setSpanContext(active, parentSpanContext)
    : active
}
