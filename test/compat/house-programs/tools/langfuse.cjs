/** Langfuse 5: its span processor in the application's NodeSDK, its wrapper around the client. */
const inSpanOfVisit = require('../visitor-span.cjs')
let sdk

module.exports = {
  start() {
    const { LangfuseSpanProcessor } = require('@langfuse/otel')
    const { NodeSDK } = require('@opentelemetry/sdk-node')
    const processor = new LangfuseSpanProcessor({
      publicKey: 'pk-lf-house',
      secretKey: 'sk-lf-house',
      baseUrl: process.env.CELL_INTAKE,
      shouldExportSpan: () => true,
    })
    sdk = new NodeSDK({ spanProcessors: [processor], metricReaders: [], logRecordProcessors: [] })
    sdk.start()
  },
  watch: (client) => require('@langfuse/openai').observeOpenAI(client),
  inSpanOfVisit,
  flush: () => sdk.shutdown(),
}
