/**
 * The ways in which an application gets its instrumentation. Each is told how to load a package (`import` or
 * `require`), and a function that imports and builds the client and resolves to the work to do with it.
 */
const { report } = require('./report.cjs')

const PACKAGE = 'opentelemetry-instrumentation-aimlapi'

/** Reads what the Prometheus endpoint says, where the cell has one. */
const scrape = async () => {
  const { CELL_SCRAPE } = process.env
  if (CELL_SCRAPE !== undefined) report.scrape = await (await fetch(CELL_SCRAPE)).text()
}

const workAlone = async (_load, buildClient) => {
  const result = await (await buildClient())()
  await scrape()
  return result
}

module.exports = {
  /** Without us: what everything else is compared with. */
  none: workAlone,

  /** `--import` or `--require` did it all. */
  preloaded: workAlone,

  /** register() after the client was imported and built; the process ends without a word to us. */
  async late(load, buildClient) {
    const work = await buildClient()
    const { register } = await load(PACKAGE)
    register()
    return work()
  },

  /** register() first, shutdown() at the end. */
  async first(load, buildClient) {
    const { register } = await load(PACKAGE)
    const registration = register()
    const result = await (await buildClient())()
    await registration.shutdown()
    return result
  },

  /** Preloaded, and register() in the code all the same. */
  async twice(load, buildClient) {
    const { register } = await load(PACKAGE)
    if (register() !== register()) throw new Error('register() gave two registrations')
    return (await buildClient())()
  },

  /** The application owns a NodeSDK and lists AimlapiInstrumentation in it. */
  async 'own NodeSDK'(load, buildClient) {
    const { NodeSDK } = await load('@opentelemetry/sdk-node')
    const { AimlapiInstrumentation } = await load(PACKAGE)
    const sdk = new NodeSDK({ instrumentations: [new AimlapiInstrumentation()] })
    sdk.start()
    const result = await (await buildClient())()
    // At once: the last call has only just ended, and its span must not be missed.
    await sdk.shutdown()
    return result
  },

  /** Preloaded for metrics alone, and the application starts an SDK of its own behind it, with traces. */
  async 'late NodeSDK'(load, buildClient) {
    process.env.OTEL_TRACES_EXPORTER = 'otlp'
    const { NodeSDK } = await load('@opentelemetry/sdk-node')
    const sdk = new NodeSDK({ instrumentations: [] })
    sdk.start()
    const result = await (await buildClient())()
    await sdk.shutdown()
    return result
  },

  /** The application has started its own SDK; register() joins it. */
  async 'own providers'(load, buildClient) {
    const { NodeSDK } = await load('@opentelemetry/sdk-node')
    const sdk = new NodeSDK({ instrumentations: [] })
    sdk.start()
    const work = await buildClient()
    const { register } = await load(PACKAGE)
    const registration = register()
    const result = await work()
    await registration.shutdown()
    await sdk.shutdown()
    return result
  },
}
