/** Puts the service into one file: `node build.mjs BUNDLER esm|cjs OUTPUT`, with all packages inside. */
import { writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const [bundler, format, output] = process.argv.slice(2)
const isModule = format === 'esm'
const entry = fileURLToPath(new URL(isModule ? 'service.mjs' : 'service.cjs', import.meta.url))
const place = { dir: dirname(output), name: basename(output) }

const bundlers = {
  async webpack() {
    const { default: webpack } = await import('webpack')
    const statistics = await promisify(webpack)({
      entry,
      mode: 'production',
      optimization: { minimize: false },
      target: 'node20',
      output: {
        path: place.dir,
        filename: place.name,
        ...(isModule && { module: true, library: { type: 'module' } }),
      },
      experiments: { outputModule: isModule },
    })
    if (statistics.hasErrors()) throw new Error(statistics.toString({ all: false, errors: true }))
  },
  async rollup() {
    const { rollup } = await import('rollup')
    const { default: commonjs } = await import('@rollup/plugin-commonjs')
    const { default: json } = await import('@rollup/plugin-json')
    const { default: resolve } = await import('@rollup/plugin-node-resolve')
    const plugins = [resolve({ preferBuiltins: true, exportConditions: ['node'] }), commonjs(), json()]
    const bundle = await rollup({ input: entry, plugins, onwarn: () => {} })
    await bundle.write({ file: output, format, inlineDynamicImports: true })
  },
  /** Vite bundles for the server with Rolldown. */
  async vite() {
    const { build } = await import('vite')
    await build({
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true, target: 'node' },
      build: {
        ssr: entry,
        outDir: place.dir,
        emptyOutDir: false,
        rolldownOptions: { output: { entryFileNames: place.name, format } },
      },
    })
  },
  async ncc() {
    const { default: ncc } = await import('@vercel/ncc')
    const { code, assets } = await ncc(entry, { cache: false, quiet: true })
    await writeFile(output, code)
    for (const [name, { source }] of Object.entries(assets)) await writeFile(join(place.dir, name), source)
  },
}

await bundlers[bundler]()
