/** Traceloop's SDK (OpenLLMetry), set up as its documentation says. */
const inSpanOfVisit = require('../visitor-span.cjs')

module.exports = {
  start() {
    const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http')
    require('@traceloop/node-server-sdk').initialize({
      appName: 'house',
      disableBatch: true,
      traceloopSyncEnabled: false,
      silenceInitializationMessage: true,
      exporter: new OTLPTraceExporter({ url: `${process.env.CELL_INTAKE}/v1/traces` }),
    })
  },
  inSpanOfVisit,
  flush: () => require('@traceloop/node-server-sdk').forceFlush(),
}
