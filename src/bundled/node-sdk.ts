/** Built into the package, loaded where `register()` exports spans or logs. */
export { NodeSDK } from '@opentelemetry/sdk-node'
