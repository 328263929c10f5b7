/** A function as a serverless platform runs it: frozen as soon as it has answered, ended without a word. */
import { register } from 'opentelemetry-instrumentation-aimlapi'
import calls from './calls.cjs'

const registration = register({ prometheus: false, balance: false })

async function handler() {
  try {
    return await calls.throughFetch()
  } finally {
    await registration.forceFlush()
  }
}

process.stdin.on('data', async () => {
  await handler()
  console.log('answered')
})
