import { describe, expect, it } from 'vitest'
import { isInRange } from '../../../src/doctor/version-range.ts'

describe('a version range', () => {
  it.each([
    ['20.19.0', '^20.19.0 || >=22.12.0', true],
    ['20.18.9', '^20.19.0 || >=22.12.0', false],
    ['21.7.0', '^20.19.0 || >=22.12.0', false],
    ['22.11.9', '^20.19.0 || >=22.12.0', false],
    ['26.0.0', '^20.19.0 || >=22.12.0', true],
    ['1.10.2', '^1.9.0', true],
    ['2.0.0', '^1.9.0', false],
    ['0.223.5', '^0.223.0 || ^0.301.0', true],
    ['0.224.0', '^0.223.0 || ^0.301.0', false],
    ['0.301.0-next.1', '^0.223.0 || ^0.301.0', true],
    ['22.12.0', '>=22.12.0', true],
    ['0.200.0', '>=0.200.0 <0.400.0', true],
    ['0.400.0', '>=0.200.0 <0.400.0', false],
    ['0.199.9', '>=0.200.0 <0.400.0', false],
    ['nonsense', '>=1.0.0', false],
    ['1.0.0', '1.x', false],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(isInRange(version, range)).toBe(expected)
  })
})
