/** Checks the versions of Node.js and of the OpenTelemetry packages, and that there is one copy of each. */
import { dependencies, engines, name as ownName, peerDependencies } from '../../package.json'
import { BUNDLED_PACKAGES } from '../bundled-packages.ts'
import { findOtherRuntime } from '../other-runtimes.ts'
import { findingsOf, type Check } from './check.ts'
import { findCopies, resolvePackage, type InstalledPackage } from './installed-packages.ts'
import { isInRange, parseVersion } from './version-range.ts'

const { ok, failure } = findingsOf('OpenTelemetry')
const API = '@opentelemetry/api'
/** Packages of an application with an SDK of its own; without them, the built-in SDK is used. */
const SDK_OF_APPLICATION = ['@opentelemetry/sdk-node', '@opentelemetry/sdk-metrics']
/** The packages that the summary names when all versions fit. */
const SHOWN = /^(?:api|sdk-node|sdk-metrics) /
const NEEDED = Object.entries({ ...dependencies, ...peerDependencies })
const show = (name: string, version: string) => `${name.replace('@opentelemetry/', '')} ${version}`

/** `versions`: `process.versions`. */
export function checkRuntime(versions: Readonly<Record<string, string | undefined>>): Check {
  const node = findingsOf('Node.js')
  const other = findOtherRuntime(versions)
  if (other !== undefined)
    return node.failure(`this is ${other.name}: ${other.observed}`, 'Run the service on Node.js.')
  const version = versions['node'] ?? 'unknown'
  return isInRange(version, engines.node)
    ? node.ok(version)
    : node.failure(`${version} is not supported`, `Use Node.js ${engines.node}.`)
}

/** `ownDirectory`: the directory of this package, from which its dependencies are resolved. */
export function checkVersions(ownDirectory: string): Check {
  const resolve = (name: string): InstalledPackage | undefined => resolvePackage(name, ownDirectory)
  const found = NEEDED.map(([name, range]) => ({ name, range, installed: resolve(name) }))
  const absent = found.filter(({ installed }) => installed === undefined)
  if (absent.length > 0)
    return failure(`not installed: ${absent.map(({ name }) => name).join(', ')}`, installAdvice(absent))

  const unfit = found.filter(({ installed, range }) => !isInRange(installed?.version ?? '', range))
  if (unfit.length > 0) {
    const said = unfit.map(({ name, range, installed }) => `${name} ${installed?.version} (needs ${range})`)
    return failure(`version not supported: ${said.join(', ')}`, installAdvice(unfit))
  }

  const ofApplication = SDK_OF_APPLICATION.flatMap((name) => resolve(name) ?? [])
  const installed = [resolve(API) ?? [], ofApplication].flat()
  const said = installed.map(({ name, version }) => show(name, version))
  const builtIn = Object.entries(BUNDLED_PACKAGES).map(([name, version]) => show(name, version))
  if (ofApplication.length === 0) return ok(`${said.join(', ')}; built in: ${builtIn.join(', ')}`)
  const generations = new Set(installed.map(sdkGeneration))
  if (generations.size > 1)
    return failure(
      `packages of OpenTelemetry SDK 2.x and 3.x are mixed: ${said.join(', ')}`,
      'Install all of one generation. 2.x: api 1.9, sdk-metrics 2.x, 0.2xx of the others. 3.x: api 1.10 or later, sdk-metrics 3.x, 0.3xx of the others.',
    )
  const shown = said.filter((text) => SHOWN.test(text))
  return ok(
    `SDK ${[...generations].join()}.x: ${shown.join(', ')}; built in, where the application sets none up: ${builtIn.join(', ')}`,
  )
}

/** `projectDirectory`: the application, whose whole `node_modules` is searched. */
export function checkCopies(projectDirectory: string): Check {
  const one = findingsOf('one copy each')
  const names = [...NEEDED.map(([name]) => name), ...SDK_OF_APPLICATION, ownName]
  const copies = findCopies(names, projectDirectory)
  const byName = new Map<string, InstalledPackage[]>()
  for (const copy of copies) byName.set(copy.name, [...(byName.get(copy.name) ?? []), copy])
  const doubled = [...byName].filter(([, list]) => list.length > 1)
  if (doubled.length === 0) return one.ok('no package is installed twice')

  const said = doubled.map(
    ([name, list]) => `${name} ${list.length} times (${list.map(({ version }) => version).join(', ')})`,
  )
  const advice = `Run "npm ls ${doubled.map(([name]) => name).join(' ')}" to see who brings them, and "npm dedupe", or upgrade those packages to one version.`
  const apis = new Set((byName.get(API) ?? []).map(({ version }) => version.split('.', 2).join('.')))
  if (apis.size > 1)
    return one.failure(
      `${said.join('; ')}. Different versions of ${API} do not share their providers: signals of one of them are lost`,
      advice,
    )
  return one.warning(
    `${said.join('; ')}. Copies cost start-up time and memory, and one that is set up may not be the one that is used`,
    advice,
  )
}

/** SDK 2.x goes with api below 1.10 and with 0.2xx packages; 3.x with api 1.10 and later and with 0.3xx. */
function sdkGeneration({ name, version }: InstalledPackage): 2 | 3 {
  const [major = 0, minor = 0] = parseVersion(version) ?? []
  if (name === API) return minor < 10 ? 2 : 3
  if (major === 0) return minor < 300 ? 2 : 3
  return major < 3 ? 2 : 3
}

function installAdvice(needed: readonly { readonly name: string; readonly range: string }[]): string {
  return `Run: npm install ${needed.map(({ name, range }) => `"${name}@${range}"`).join(' ')}`
}
