const startMs = performance.now()
const { register } = require('opentelemetry-instrumentation-aimlapi')
register({ prometheus: { port: Number(process.argv[2]) } })
const ms = performance.now() - startMs
process.send({ ms, files: Object.keys(require.cache) }, () => process.exit(0))
