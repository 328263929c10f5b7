/** dd-trace with its OpenTelemetry bridge: its TracerProvider is the application's. */
const tool = require('./datadog.cjs')

module.exports = {
  ...tool,
  start() {
    const tracer = require('dd-trace').init()
    new tracer.TracerProvider().register()
  },
}
if (process.env.CELL_START !== 'application') module.exports.start()
