const { createKeeper, setupOf } = require('./in-memory.cjs')

exports.start = async () => {
  const traceloop = require('@traceloop/node-server-sdk')
  const keeper = createKeeper()
  traceloop.initialize({
    exporter: keeper.exporter,
    disableBatch: true,
    silenceInitializationMessage: true,
    // Prompts that it would fetch from its own service.
    traceloopSyncEnabled: false,
    tracingEnabled: true,
  })
  return setupOf(keeper)
}
