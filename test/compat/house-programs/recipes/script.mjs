/** A script that makes a call and ends by itself. */
import calls from './calls.cjs'

await calls.throughFetch()
console.log(JSON.stringify({ result: 'done' }))
