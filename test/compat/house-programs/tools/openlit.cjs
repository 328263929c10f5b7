/** openlit, set up as its documentation says. Its metrics are left out: the application keeps a /metrics of ours. */
const inSpanOfVisit = require('../visitor-span.cjs')

module.exports = {
  start() {
    const { default: openlit } = require('openlit')
    openlit.init({
      applicationName: 'house',
      otlpEndpoint: process.env.CELL_INTAKE,
      disableBatch: true,
      disableMetrics: process.env.CELL_METRICS !== 'theirs',
      disableEvents: true,
    })
  },
  inSpanOfVisit,
  async flush() {
    const { metrics, trace } = require('@opentelemetry/api')
    for (const provider of [trace.getTracerProvider().getDelegate?.(), metrics.getMeterProvider()])
      await provider?.forceFlush?.()
  },
}
