/**
 * Third-party code that is part of this package (`dist/bundled`, built by `tsdown.bundled.config.ts`): the
 * OpenTelemetry SDK 2.x with its exporters, and proxy agents. Each file is loaded when it is needed, synchronously,
 * and once for both module formats. An application with an SDK of its own loads none of the SDK's.
 *
 * Why it is built in: as dependencies they conflict with the SDK that a project has already (npm ends in ERESOLVE),
 * or come a second time. What is inside, by version: `bundled-packages.ts`.
 *
 * The list of files, `files.cjs`, is CommonJS with a literal `require` for each: bundlers follow that, and put the
 * files into their bundle, where they still run at the first call. Inside an ES module most do not follow it.
 */
import files from '../dist/bundled/files.cjs'
import { getBuiltinModule } from './builtin.ts'

/** What `files.cjs` exports: a function by the name of each file. A call loads the file, the first time. */
export interface BundledFiles {
  metrics: () => typeof import('./bundled/metrics.ts')
  'node-sdk': () => typeof import('./bundled/node-sdk.ts')
  'otlp-grpc': () => typeof import('./bundled/otlp-grpc.ts')
  'otlp-json': () => typeof import('./bundled/otlp-json.ts')
  'otlp-protobuf': () => typeof import('./bundled/otlp-protobuf.ts')
  proxy: () => typeof import('./bundled/proxy.ts')
  unreferenced: () => typeof import('./bundled/unreferenced.ts')
}

/** One file of `dist/bundled`. Throws, and says what to do, when a bundler has left that file behind. */
export function loadBundled<Name extends keyof BundledFiles>(name: Name): ReturnType<BundledFiles[Name]> {
  load('unreferenced').takeModulesFrom(getBuiltinModule)
  return load(name)
}

function load<Name extends keyof BundledFiles>(name: Name): ReturnType<BundledFiles[Name]> {
  try {
    return files[name]() as ReturnType<BundledFiles[Name]>
  } catch (error) {
    throw new Error(
      `the bundler left dist/bundled/${name}.cjs behind: make opentelemetry-instrumentation-aimlapi external`,
      { cause: error },
    )
  }
}
