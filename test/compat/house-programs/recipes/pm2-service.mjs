/** A service under PM2. */
import { register } from 'opentelemetry-instrumentation-aimlapi'
import calls from './calls.cjs'

if (process.env.CELL_REGISTER === 'in the code') register()
await calls.throughFetch()
setInterval(() => {}, 60_000)
