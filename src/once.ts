/**
 * For messages that are logged once per kind: creates a function that returns true the first time it is called for a kind,
 * and false afterwards. Every kind is remembered: there must be few.
 */
export function createOnce(): (kind?: string) => boolean {
  const known = new Set<string>()
  return (kind = '') => {
    if (known.has(kind)) return false
    known.add(kind)
    return true
  }
}
