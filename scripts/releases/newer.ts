/** Which releases of the packages that are built in (`src/bundled`) are newer than ours. */

/** Versions of the OpenTelemetry 2.x line; 3.x needs a newer Node.js than this package supports. */
const OPENTELEMETRY = { stable: '2.x', experimental: '>=0.200.0 <0.300.0' } as const
/** `import … from 'name'` and `export … from 'name'`; neither files of ours nor Node's own modules. */
const FROM = /\bfrom\s+'((?:@[\w.-]+\/)?[\w][\w.-]*)(?:\/[^']*)?'/g
const RELEASE = /^\d+\.\d+\.\d+$/

export interface BuiltIn {
  readonly name: string
  /** The exact version that package.json names. */
  readonly version: string
  /** Which releases would do, as npm writes ranges. */
  readonly range: string
}

/**
 * What the files of `src/bundled` import, with its version.
 * Throws when one has no exact version in `versions`: nobody could say what the package contains.
 */
export function listBuiltIn(
  sources: readonly string[],
  versions: Readonly<Record<string, string>>,
): BuiltIn[] {
  const names = new Set(sources.flatMap((text) => [...text.matchAll(FROM)].map(([, name = '']) => name)))
  return [...names].sort().map((name) => {
    const version = versions[name] ?? ''
    if (!RELEASE.test(version))
      throw new Error(`${name} is built in, without an exact version in package.json`)
    return { name, version, range: chooseRange(name, version) }
  })
}

function chooseRange(name: string, version: string): string {
  if (!name.startsWith('@opentelemetry/')) return '*'
  return version.startsWith('0.') ? OPENTELEMETRY.experimental : OPENTELEMETRY.stable
}

/** The newest release above `version`, or undefined. Pre-releases do not count. */
export function findNewer(version: string, published: readonly string[]): string | undefined {
  return published
    .filter((each) => RELEASE.test(each) && compare(each, version) > 0)
    .sort(compare)
    .at(-1)
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]]
  const at = left.findIndex((number, index) => number !== right[index])
  return at === -1 ? 0 : (left[at] ?? 0) - (right[at] ?? 0)
}

/** What `npm view NAME@RANGE version --json` printed: a version, or a list of them. Throws at anything else. */
export function readVersions(json: string): string[] {
  const said: unknown = JSON.parse(json)
  const list = Array.isArray(said) ? said : [said]
  if (list.length === 0 || !list.every((each) => typeof each === 'string'))
    throw new Error(`npm view answered no versions: ${json.slice(0, 200)}`)
  return list as string[]
}
