/** The few kinds of version range that this package uses: `^x.y.z`, `>=x.y.z` and `<x.y.z`, joined by space or `||`. */

type Version = readonly [major: number, minor: number, patch: number]

/** Reads `1.2.3`; a pre-release or build part is ignored. `undefined` for anything else. */
export function parseVersion(text: string): Version | undefined {
  const match = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-+].*)?$/.exec(text)
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])]
}

/** Whether `version` lies in `range`. False for a version or a part of a range that cannot be read. */
export function isInRange(version: string, range: string): boolean {
  const parsed = parseVersion(version)
  if (parsed === undefined) return false
  return range.split(' || ').some((part) => part.split(' ').every((bound) => satisfies(parsed, bound)))
}

function satisfies(version: Version, comparator: string): boolean {
  const match = /^(\^|>=|<)(.+)$/.exec(comparator)
  const bound = parseVersion(match?.[2] ?? '')
  if (match === null || bound === undefined) return false
  const difference = version[0] - bound[0] || version[1] - bound[1] || version[2] - bound[2]
  if (match[1] === '<') return difference < 0
  if (match[1] === '>=' || difference < 0) return difference >= 0
  // A caret keeps the first number that is not 0.
  return version[0] === bound[0] && (bound[0] > 0 || version[1] === bound[1])
}
