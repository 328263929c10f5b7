/** The application as ECMAScript modules. */
import clients from './clients.cjs'
import { nameOf, notePackage, report } from './report.cjs'
import setups from './setups.cjs'

const { CELL_CLIENT, CELL_SETUP, CELL_ORIGIN, CELL_KEY } = process.env

const load = (name) => import(name)

async function buildClient() {
  const { packages, build } = clients[CELL_CLIENT]
  const loaded = []
  for (const name of packages) {
    if (!name.startsWith('node:')) notePackage(name)
    loaded.push(await load(name))
  }
  return build({ origin: CELL_ORIGIN, key: CELL_KEY }, ...loaded)
}

try {
  report.result = await setups[CELL_SETUP](load, buildClient)
  if (CELL_SETUP !== 'none') notePackage('opentelemetry-instrumentation-aimlapi')
  notePackage('@opentelemetry/sdk-node')
} catch (error) {
  report.unhandled.push(`main ${nameOf(error)}`)
}
