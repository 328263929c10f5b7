import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: ['src/index.ts', 'src/register.ts'],
  format: ['esm', 'cjs'],
  platform: 'node',
  target: 'node20.19',
  dts: true,
  fixedExtension: true,
  sourcemap: false,
  clean: true,
})
