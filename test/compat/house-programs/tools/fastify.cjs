/** @fastify/otel in the application's NodeSDK. */
let sdk

module.exports = {
  start() {
    const { FastifyOtelInstrumentation } = require('@fastify/otel')
    const { NodeSDK } = require('@opentelemetry/sdk-node')
    sdk = new NodeSDK({
      instrumentations: [new FastifyOtelInstrumentation({ registerOnInitialization: true })],
    })
    sdk.start()
  },
  tag: (user) => require('@opentelemetry/api').trace.getActiveSpan()?.setAttribute('cell.user', user),
  readTag: () => require('@opentelemetry/api').trace.getActiveSpan()?.attributes?.['cell.user'],
  flush: () => sdk.shutdown(),
}
