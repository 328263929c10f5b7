/** Third-party code that becomes part of the package: see `src/bundled.ts`. */
import { builtinModules } from 'node:module'
import { resolve } from 'node:path'
import license, { type Dependency } from 'rollup-plugin-license'
import { defineConfig } from 'tsdown'

const UNREFERENCED = resolve('src/bundled/unreferenced.ts')
const BUILTIN = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]))
const SEMANTIC_CONVENTIONS = resolve('node_modules/@opentelemetry/semantic-conventions/dist/index.mjs')
const PREFIX = '\0builtin:'

/** Every text once, behind the packages that it is of; a notice stands with its package. */
function formatLicenses(dependencies: readonly Dependency[]): string {
  const byText = new Map<string, Dependency[]>()
  for (const dependency of dependencies) {
    const text = (dependency.licenseText ?? '').replaceAll(/[ \t]+$/gm, '').trim()
    byText.set(text, [...(byText.get(text) ?? []), dependency])
  }
  return [...byText]
    .map(([text, list]) => `${list.map(formatPackage).join('\n')}\n\n${text}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`)
}

function formatPackage({ name, version, license: spdx, noticeText }: Dependency): string {
  const notice = noticeText === null || noticeText === undefined ? '' : `\nNotice: ${noticeText.trim()}`
  return `Name: ${name}\nVersion: ${version}\nLicense: ${spdx}${notice}`
}

export default defineConfig({
  entry: ['src/bundled/*.ts'],
  outDir: 'dist/bundled',
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  dts: false,
  clean: true,
  sourcemap: false,
  deps: {
    alwaysBundle: [/./],
    // One copy in a process, or signals are lost between them.
    neverBundle: ['@opentelemetry/api', '@opentelemetry/instrumentation'],
  },
  // Names stay, for stack traces; nobody reads the rest.
  minify: { mangle: false, compress: true, codegen: true },
  inputOptions: {
    transform: {
      inject: { setTimeout: [UNREFERENCED, 'setTimeout'], setInterval: [UNREFERENCED, 'setInterval'] },
    },
    resolve: {
      mainFields: ['module', 'main'],
      // Its CommonJS build has been bundled before, with names that collide with those made here.
      alias: { '@opentelemetry/semantic-conventions': SEMANTIC_CONVENTIONS },
    },
  },
  plugins: [
    {
      // Not by `require`: it would trigger the hooks that other instrumentations put on modules, and a bundler that
      // makes an ES module of the application has none.
      name: 'builtin-modules',
      resolveId: (id, importer) =>
        BUILTIN.has(id) && importer !== UNREFERENCED ? PREFIX + id.replace('node:', '') : undefined,
      load: (id) =>
        id.startsWith(PREFIX)
          ? `module.exports = require(${JSON.stringify(UNREFERENCED)}).builtinModule(${JSON.stringify(id.slice(PREFIX.length))})`
          : undefined,
    },
    {
      // See `src/bundled.ts`.
      name: 'list-of-files',
      generateBundle(_options, bundle) {
        const names = Object.values(bundle).flatMap((file) =>
          file.type === 'chunk' && file.isEntry ? [file.name] : [],
        )
        const lines = names.map((name) => `  '${name}': () => require('./${name}.cjs'),`)
        const source = ['module.exports = {', ...lines, '}', ''].join('\n')
        this.emitFile({ type: 'asset', fileName: 'files.cjs', source })
      },
    },
    license({
      thirdParty: { output: { file: 'dist/THIRD-PARTY-LICENSES.txt', template: formatLicenses } },
    }),
  ],
})
