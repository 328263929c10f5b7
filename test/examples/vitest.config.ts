import { defineConfig } from 'vitest/config'

/** Apart from `npm test`: installs from the registry, and takes minutes. Run by `npm run test:examples`. */
export default defineConfig({
  test: {
    include: ['test/examples/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
})
