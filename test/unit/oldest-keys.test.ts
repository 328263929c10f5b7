import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createOldestKeys } from '../../src/oldest-keys.ts'

const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ kind: fc.constant('delete' as const), key: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ kind: fc.constant('evict' as const) }),
)

test('the oldest key is always the first of the map, whatever was deleted or moved to the end before', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const map = new Map<number, number>()
      const oldest = createOldestKeys(map)
      const taken: (number | undefined)[] = []
      const expected: (number | undefined)[] = []
      for (const [index, change] of steps.entries()) {
        if (change.kind === 'evict') {
          const [first] = map.keys()
          expected.push(first)
          taken.push(oldest.next())
          if (first !== undefined) map.delete(first)
        } else {
          map.delete(change.key)
          if (change.kind === 'set') map.set(change.key, index)
        }
      }
      expect(taken).toEqual(expected)
    }),
  )
})

test('what was deleted is not kept in memory, however long the oldest key is not asked for', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const map = new Map<number, object>([[0, {}]])
  const oldest = createOldestKeys(map)
  expect(oldest.next()).toBe(0)
  const deleted: WeakRef<object>[] = []
  for (let key = 1; key < 1000; key++) {
    const value = {}
    deleted.push(new WeakRef(value))
    map.set(key, value)
    map.delete(key - 1)
  }
  // A WeakRef keeps what it refers to until the turn is over.
  await setTimeout(1)
  collectGarbage()
  expect(deleted.filter((value) => value.deref() !== undefined)).toHaveLength(1)
})
