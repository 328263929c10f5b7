/** What `register()` has done in this process, by whichever format or copy of the package. */
import type { Registration } from '../sdk.ts'

// Shared by the ESM and CommonJS builds and by other copies of the package.
const REGISTRATION = Symbol.for('opentelemetry-instrumentation-aimlapi.registration')

export interface Registered {
  readonly registration: Registration
  duplicateReported: boolean
}
type Global = { [REGISTRATION]?: Registered }

export function readRegistered(): Registered | undefined {
  return (globalThis as Global)[REGISTRATION]
}

export function keepRegistered(registered: Registered): void {
  Object.defineProperty(globalThis, REGISTRATION, { value: registered, configurable: true })
}

export function forgetRegistered(): void {
  delete (globalThis as Global)[REGISTRATION]
}
