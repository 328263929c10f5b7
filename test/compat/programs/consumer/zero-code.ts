/** The entry point of a service that changes nothing else. Only its types are checked. */
import 'opentelemetry-instrumentation-aimlapi/register'
export * as everything from 'opentelemetry-instrumentation-aimlapi/register'
