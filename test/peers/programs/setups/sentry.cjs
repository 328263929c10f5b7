/** Sentry sends its spans with a transaction: one of ours around each call. */
const { createKeeper, setupOf } = require('./in-memory.cjs')

exports.start = async () => {
  const Sentry = require('@sentry/node')
  const keeper = createKeeper()
  Sentry.init({
    dsn: 'http://key@127.0.0.1:9/1',
    tracesSampleRate: 1,
    // Spans of one transaction together, as they are kept here.
    traceLifecycle: 'static',
    beforeSendTransaction(event) {
      keeper.exporter.export(
        (event.spans ?? []).map(({ data = {} }) => ({ attributes: data })),
        () => {},
      )
      return null
    },
  })
  return setupOf(keeper, {
    around: (run) => Sentry.startSpan({ name: 'call', op: 'test' }, run),
    async takeSpans() {
      await Sentry.flush(1000)
      return keeper.take()
    },
  })
}
