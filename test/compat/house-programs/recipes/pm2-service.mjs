/** A service under PM2. */
import calls from './calls.cjs'

await calls.throughFetch()
setInterval(() => {}, 60_000)
