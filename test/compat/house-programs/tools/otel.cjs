/** Any SDK of OpenTelemetry, started by a flag. `user` is an attribute of the span that is active. */

const api = () => require('@opentelemetry/api')

module.exports = {
  tag: (user) => api().trace.getActiveSpan()?.setAttribute('cell.user', user),
  readTag: () => api().trace.getActiveSpan()?.attributes?.['cell.user'],
  /** Both hand on what they hold; without it a natural exit may lose the last of it, as without us. */
  async flush() {
    const { metrics, trace } = api()
    for (const provider of [trace.getTracerProvider().getDelegate?.(), metrics.getMeterProvider()])
      await provider?.forceFlush?.()
  },
}
