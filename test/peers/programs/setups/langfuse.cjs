const { createKeeper, setupOf } = require('./in-memory.cjs')

exports.start = async () => {
  const { NodeSDK } = require('@opentelemetry/sdk-node')
  const { observeOpenAI } = require('@langfuse/openai')
  const keeper = createKeeper()
  new NodeSDK({ spanProcessors: [keeper.processor], metricReaders: [] }).start()
  return setupOf(keeper, { wrap: (client) => observeOpenAI(client) })
}
