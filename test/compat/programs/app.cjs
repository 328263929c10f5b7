/** The application as CommonJS. */
const { report, notePackage, nameOf } = require('./report.cjs')
const clients = require('./clients.cjs')
const setups = require('./setups.cjs')

const { CELL_CLIENT, CELL_SETUP, CELL_ORIGIN, CELL_KEY } = process.env

/** A package that is ESM only is imported, as applications in CommonJS do. */
const load = (name) => {
  try {
    return require(name)
  } catch (error) {
    if (error.code === 'ERR_REQUIRE_ESM' || error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')
      return import(name)
    throw error
  }
}

async function buildClient() {
  const { packages, build } = clients[CELL_CLIENT]
  const loaded = []
  for (const name of packages) {
    if (!name.startsWith('node:')) notePackage(name)
    loaded.push(await load(name))
  }
  return build({ origin: CELL_ORIGIN, key: CELL_KEY }, ...loaded)
}

async function main() {
  report.result = await setups[CELL_SETUP](load, buildClient)
  if (CELL_SETUP !== 'none') notePackage('opentelemetry-instrumentation-aimlapi')
  notePackage('@opentelemetry/sdk-node')
}

main().catch((error) => report.unhandled.push(`main ${nameOf(error)}`))
