/**
 * Third-party code that is part of this package (`dist/bundled`, built by `tsdown.bundled.config.ts`): the
 * OpenTelemetry SDK 2.x with its exporters, and proxy agents. Each file is loaded when it is needed, synchronously,
 * and once for both module formats. An application with an SDK of its own loads none of the SDK's.
 *
 * Why it is built in: as dependencies they conflict with the SDK that a project has already (npm ends in ERESOLVE),
 * or come a second time. What is inside, by version: `BUNDLED_PACKAGES`.
 */
// Not by its name: the usual banner of an ESM bundle declares `createRequire` a second time.
import nodeModule from 'node:module'
import { devDependencies } from '../package.json'
import { getBuiltinModule } from './builtin.ts'

interface BundledFiles {
  metrics: typeof import('./bundled/metrics.ts')
  'node-sdk': typeof import('./bundled/node-sdk.ts')
  'otlp-grpc': typeof import('./bundled/otlp-grpc.ts')
  'otlp-json': typeof import('./bundled/otlp-json.ts')
  'otlp-protobuf': typeof import('./bundled/otlp-protobuf.ts')
  proxy: typeof import('./bundled/proxy.ts')
  unreferenced: typeof import('./bundled/unreferenced.ts')
}

/** Third-party packages built into this one, by name, with their exact version. */
export const BUNDLED_PACKAGES: Readonly<Record<string, string>> = {
  '@opentelemetry/sdk-node': devDependencies['@opentelemetry/sdk-node'],
  '@opentelemetry/sdk-metrics': devDependencies['@opentelemetry/sdk-metrics'],
  '@opentelemetry/exporter-prometheus': devDependencies['@opentelemetry/exporter-prometheus'],
  'https-proxy-agent': devDependencies['https-proxy-agent'],
}

/**
 * The files as a bundler sees them: it follows a literal `require` only, and puts the file into its bundle, where it
 * still runs at the first call. Node runs none of these: an ES module has no `require`.
 */
const IN_BUNDLE: { readonly [Name in keyof BundledFiles]: () => BundledFiles[Name] } = {
  metrics: () => require('./bundled/metrics.cjs'),
  'node-sdk': () => require('./bundled/node-sdk.cjs'),
  'otlp-grpc': () => require('./bundled/otlp-grpc.cjs'),
  'otlp-json': () => require('./bundled/otlp-json.cjs'),
  'otlp-protobuf': () => require('./bundled/otlp-protobuf.cjs'),
  proxy: () => require('./bundled/proxy.cjs'),
  unreferenced: () => require('./bundled/unreferenced.cjs'),
}

/** One file of `dist/bundled`. Throws, and says what to do, when a bundler has left that file behind. */
export function loadBundled<Name extends keyof BundledFiles>(name: Name): BundledFiles[Name] {
  load('unreferenced').takeModulesFrom(getBuiltinModule)
  return load(name)
}

function load<Name extends keyof BundledFiles>(name: Name): BundledFiles[Name] {
  const fromDisk = findOnDisk(name)
  if (fromDisk !== undefined) return fromDisk() as BundledFiles[Name]
  try {
    return IN_BUNDLE[name]()
  } catch (error) {
    throw new Error(
      `the bundler left dist/bundled/${name}.cjs behind: make opentelemetry-instrumentation-aimlapi external`,
      { cause: error },
    )
  }
}

/** `undefined`: this code is part of a bundle, whose folder is another one, or which knows no `import.meta.url`. */
function findOnDisk(name: string): (() => unknown) | undefined {
  try {
    const requireHere = nodeModule.createRequire(import.meta.url)
    // The same path from `src`, where tests run, and from `dist`.
    const path = requireHere.resolve(`../dist/bundled/${name}.cjs`)
    return () => requireHere(path)
  } catch {
    return undefined
  }
}
