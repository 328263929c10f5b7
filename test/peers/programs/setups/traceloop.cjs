const { createKeeper, setupOf } = require('./in-memory.cjs')

exports.start = async () => {
  const traceloop = require('@traceloop/node-server-sdk')
  const keeper = createKeeper()
  traceloop.initialize({
    exporter: keeper.exporter,
    disableBatch: true,
    silenceInitializationMessage: true,
    tracingEnabled: true,
  })
  return setupOf(keeper)
}
