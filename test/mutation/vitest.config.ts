import path from 'node:path'
import { defineConfig } from 'vitest/config'
import { MUTATIONS } from './mutations.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const mutation = MUTATIONS[Number(process.env['MUTATION'] ?? -1)]

/** The library with one line changed on its way from the disk to the tests. */
export default defineConfig({
  root: ROOT,
  plugins: [
    {
      name: 'mutation',
      enforce: 'pre',
      transform(code, id) {
        if (mutation === undefined || id !== path.join(ROOT, mutation.file)) return undefined
        return code.replace(mutation.from, () => mutation.to)
      },
    },
  ],
  test: {
    include: ['test/unit/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    bail: 1,
    reporters: ['json'],
    testTimeout: 30_000,
  },
})
