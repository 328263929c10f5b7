import { describe, expect, it } from 'vitest'
import { isPackageManager } from '../../../src/sdk/package-managers.ts'

describe('a package manager', () => {
  it.each([
    '/usr/bin/npm',
    '/usr/lib/node_modules/npm/bin/npx-cli.js',
    '/root/.cache/node/corepack/v1/pnpm/10.1.0/bin/pnpm.cjs',
    '/app/.yarn/releases/yarn-4.5.0.cjs',
  ])('is known by its script: %s', (script) => {
    expect(isPackageManager(script)).toBe(true)
  })

  it.each([undefined, '/app/server.mjs', '/app/npm-mirror.js', '/app/yarn/server.js', '/srv/my-npm'])(
    'is not an application: %s',
    (script) => {
      expect(isPackageManager(script)).toBe(false)
    },
  )
})
