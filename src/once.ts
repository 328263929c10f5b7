/** Each kind of message is logged once, however often it comes up. */

/**
 * Makes a function that is true the first time it is called for a kind, and false afterwards. Kinds are kept for as
 * long as the function is: there must be few of them.
 */
export function createOnce(): (kind?: string) => boolean {
  const known = new Set<string>()
  return (kind = '') => {
    if (known.has(kind)) return false
    known.add(kind)
    return true
  }
}
