const { createKeeper, setupOf } = require('./in-memory.cjs')

exports.start = async () => {
  const { NodeSDK } = require('@opentelemetry/sdk-node')
  const { OpenAIInstrumentation } = require('@arizeai/openinference-instrumentation-openai')
  const keeper = createKeeper()
  const instrumentations = [new OpenAIInstrumentation()]
  new NodeSDK({ spanProcessors: [keeper.processor], metricReaders: [], instrumentations }).start()
  return setupOf(keeper)
}
