/** The account of a single key without a name, and of every call while no key is configured. */
export const DEFAULT_ACCOUNT = 'default'
/** The account of calls whose key is not configured. No configured account may have this name. */
export const OTHER_ACCOUNT = 'other'
/** Keys of one account whose usage is read, and that have a label value of their own. */
export const MAX_KEYS = 200
