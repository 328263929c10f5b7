/**
 * Unofficial, and for Node 20 alone: it has no channel that announces a new request before its body is written
 * (`http.client.request.created` came with 22.12). So three methods of ClientRequest's prototype are overridden:
 * `onSocket`, which the agents call from the constructor, and `write` and `end` for agents that connect later.
 *
 * Measured on Node 20.20.2. `test/integration/traffic-node-http.test.ts` notices when it stops working.
 */
import type { ClientRequest } from 'node:http'
import { getBuiltinModule } from '../builtin.ts'
import { feedWritten, type HttpObservation } from './client-request-override.ts'
import type { Guard } from './guard.ts'
import { patch, type Around } from './patch.ts'

/** On Node 20: calls `announce` before the first byte of a request's body. It gives the exchange the first time only. */
export function overridePrototype(
  guard: Guard,
  announce: (request: ClientRequest) => HttpObservation | undefined,
): void {
  if (Number.parseInt(process.versions.node, 10) >= 22) return
  // Not an import: where nothing is overridden, node:http is not loaded because of us.
  const { ClientRequest } = getBuiltinModule('node:http')
  const announcing: Around = (original, self, args) => {
    announce(self as ClientRequest)
    return Reflect.apply(original, self, args)
  }
  const writing: Around = (original, self, args) => {
    const observation = announce(self as ClientRequest)
    // From the next write on, the overrides of the request itself do this.
    if (observation !== undefined) feedWritten(observation, args[0], args[1])
    return Reflect.apply(original, self, args)
  }
  guard.onRelease(patch(ClientRequest.prototype, 'onSocket', announcing))
  guard.onRelease(patch(ClientRequest.prototype, 'write', writing))
  guard.onRelease(patch(ClientRequest.prototype, 'end', writing))
}
