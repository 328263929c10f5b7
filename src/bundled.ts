/**
 * Third-party code that is part of this package (`dist/bundled`, built by `tsdown.bundled.config.ts`): the
 * OpenTelemetry SDK 2.x with its exporters, and proxy agents. Each file is loaded when it is needed, synchronously,
 * and once for both module formats. An application with an SDK of its own loads none of the SDK's.
 *
 * Why it is built in: as dependencies they conflict with the SDK that a project has already (npm ends in ERESOLVE),
 * or come a second time. What is inside, by version: `BUNDLED_PACKAGES`.
 */
import { createRequire } from 'node:module'
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
 * One file of `dist/bundled`. Throws when it is not there: a bundler has put this package into a file of its own
 * and left that one behind.
 */
export function loadBundled<Name extends keyof BundledFiles>(name: Name): BundledFiles[Name] {
  load('unreferenced').takeModulesFrom(getBuiltinModule)
  return load(name)
}

function load<Name extends keyof BundledFiles>(name: Name): BundledFiles[Name] {
  // The same path from `src`, where tests run, and from `dist`.
  return createRequire(import.meta.url)(`../dist/bundled/${name}.cjs`) as BundledFiles[Name]
}
