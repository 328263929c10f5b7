import { fileURLToPath } from 'node:url'

export default {
  // Not into the server's bundle: what is loaded once per process must not come twice.
  serverExternalPackages: ['opentelemetry-instrumentation-aimlapi'],
  turbopack: { root: fileURLToPath(new URL('../..', import.meta.url)) },
}
