import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { MUTATIONS } from '../../mutation/mutations.ts'

const ROOT = path.resolve(import.meta.dirname, '../../..')

it('every mutation stands exactly once in its file, and its tests exist', () => {
  for (const { says, file, from, tests } of MUTATIONS) {
    const found = readFileSync(path.join(ROOT, file), 'utf8').split(from).length - 1
    expect(`${says}: ${found}`).toBe(`${says}: 1`)
    for (const test of tests) expect(existsSync(path.join(ROOT, test)), test).toBe(true)
  }
})
