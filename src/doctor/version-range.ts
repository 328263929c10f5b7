/** The few kinds of version range that this package uses: `^x.y.z` and `>=x.y.z`, joined by `||`. */

type Version = readonly [major: number, minor: number, patch: number]

/** Reads `1.2.3`; a pre-release or build part is ignored. `undefined` for anything else. */
export function parseVersion(text: string): Version | undefined {
  const match = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-+].*)?$/.exec(text.trim())
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])]
}

/** Whether `version` lies in `range`. False for a version or a part of a range that cannot be read. */
export function isInRange(version: string, range: string): boolean {
  const parsed = parseVersion(version)
  return parsed !== undefined && range.split('||').some((part) => isInPart(parsed, part.trim()))
}

function isInPart(version: Version, part: string): boolean {
  const match = /^(\^|>=)\s*(\S+)$/.exec(part)
  const lowest = parseVersion(match?.[2] ?? '')
  if (match === null || lowest === undefined || compare(version, lowest) < 0) return false
  if (match[1] === '>=') return true
  // A caret keeps the first number that is not 0.
  return version[0] === lowest[0] && (lowest[0] > 0 || version[1] === lowest[1])
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}
