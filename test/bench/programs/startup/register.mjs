const startMs = performance.now()
const { register } = await import('opentelemetry-instrumentation-aimlapi')
register({ prometheus: { port: Number(process.argv[2]) } })
process.send({ ms: performance.now() - startMs }, () => process.exit(0))
