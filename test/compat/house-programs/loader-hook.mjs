/** The loader hook of OpenTelemetry, as its documentation says for ECMAScript modules. */
import { register } from 'node:module'

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)
