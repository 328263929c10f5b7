/**
 * Runs `publish` exactly once, whatever `within` does: `within` gets a function to call, and may fail to call it, call it
 * twice or throw. What `within` throws is its own; what `publish` throws is rethrown at the end.
 */
export function publishOnce(publish: () => void, within: (once: () => void) => void): void {
  let called = false
  let thrown: { readonly error: unknown } | undefined
  const once = (): void => {
    if (called) return
    called = true
    try {
      publish()
    } catch (error) {
      thrown = { error }
    }
  }
  within(once)
  once()
  if (thrown !== undefined) throw (thrown as { readonly error: unknown }).error
}
