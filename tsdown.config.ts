import { defineConfig } from 'tsdown'
import { BUNDLED_PACKAGES } from './src/bundled-packages.ts'

export default defineConfig({
  entry: ['src/index.ts', 'src/register.ts', 'src/cli.ts', 'src/exporter.ts'],
  format: ['esm', 'cjs'],
  platform: 'node',
  target: 'node20.19',
  dts: true,
  // A dependency that nobody has listed in package.json would be copied into the package.
  deps: { onlyBundle: [], neverBundle: [/\/dist\/bundled\/files\.cjs$/] },
  fixedExtension: true,
  sourcemap: false,
  clean: true,
  // What is read at every start: names stay, for stack traces and profiles.
  minify: { mangle: false, compress: false, codegen: true },
  plugins: [
    {
      // The file reads the versions from package.json, whose whole list of packages for development would be built in.
      name: 'bundled-packages',
      load: (id) =>
        id.endsWith('bundled-packages.ts')
          ? `export const BUNDLED_PACKAGES = ${JSON.stringify(BUNDLED_PACKAGES)}`
          : undefined,
    },
  ],
})
