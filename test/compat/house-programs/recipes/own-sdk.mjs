/** An OpenTelemetry SDK of the application's own, which nobody shuts down. */
import { NodeSDK } from '@opentelemetry/sdk-node'

new NodeSDK().start()
