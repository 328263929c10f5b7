// Reads hostile bodies one after the other and throws their bytes away; says how much memory it took at most.
import { request } from 'node:http'

const [base, faults] = [process.argv[2], JSON.parse(process.argv[3])]
if (process.argv[4] === 'observed') {
  const { AimlapiInstrumentation } = await import('../../../dist/index.mjs')
  new AimlapiInstrumentation({ baseUrls: [base] })
}

let peakBytes = 0
const watch = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())), 5)

function read(fault) {
  return new Promise((resolve) => {
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${process.env.KEY}`,
      'x-sim-fault': fault,
    }
    const outgoing = request(`${base}/v1/chat/completions`, { method: 'POST', headers }, (response) => {
      response.on('data', () => {})
      response.on('error', () => {})
      response.on('close', resolve)
    })
    outgoing.on('error', resolve)
    outgoing.end(JSON.stringify({ model: 'gpt-4o', messages: [], stream: fault.startsWith('padBytes') }))
  })
}

// One of each first, so that what the runtime loads and warms up is not taken for growth.
for (const fault of faults) await read(fault.replace(/=\d+/, '=1'))
globalThis.gc()
const baseBytes = process.memoryUsage.rss()
peakBytes = baseBytes
for (const fault of faults) await read(fault)
clearInterval(watch)
process.send({ growthBytes: peakBytes - baseBytes })
process.exit(0)
