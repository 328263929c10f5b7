/** For tools that watch no web framework: a span of the visit, in the visitor's trace. */
const { context, ROOT_CONTEXT, trace } = require('@opentelemetry/api')

module.exports = function inSpanOfVisit({ traceparent }, work) {
  const [, traceId, spanId] = traceparent.split('-')
  const visitor = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 1, isRemote: true })
  return context.with(visitor, () =>
    trace.getTracer('visits').startActiveSpan('visit', async (span) => {
      try {
        return await work()
      } finally {
        span.end()
      }
    }),
  )
}
