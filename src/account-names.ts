/** The account of a single key without a name, and of every call while no key is configured. */
export const DEFAULT_ACCOUNT = 'default'
/** The account of calls whose key is not configured. No configured account may have this name. */
export const OTHER_ACCOUNT = 'other'
