/** The only file that reads or changes `process.env`. */
import type { Environment } from './values.ts'

/** The variables of this process. */
export function readProcessEnvironment(): Environment {
  return process.env
}

/**
 * Runs `action` with other values of some variables; `undefined` unsets one. `action` is synchronous, so no other code
 * sees the values. For code that can be configured by variables only.
 */
export function withVariables<T>(values: Readonly<Record<string, string | undefined>>, action: () => T): T {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]))
  assign(values)
  try {
    return action()
  } finally {
    assign(before)
  }
}

function assign(values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
}
