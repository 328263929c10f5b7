/** To log once per kind: the returned function returns true at its first call for a kind. There must be few kinds. */
export function createOnce(): (kind?: string) => boolean {
  const known = new Set<string>()
  return (kind = '') => {
    if (known.has(kind)) return false
    known.add(kind)
    return true
  }
}
