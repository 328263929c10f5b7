// A service: makes its calls, says so, and stays or ends as SERVICE tells it.
import { createRequire } from 'node:module'

const {
  calls = 1,
  stay = false,
  stayUntilTold = false,
  onSignal,
  exitCode,
  otherFormat = false,
  lateProvider = false,
  shutsDown = false,
} = JSON.parse(process.env.SERVICE ?? '{}')

const handlers = {
  // Finishes its own work first, then ends with its own code.
  exits: () => setTimeout(() => process.exit(7), 50),
  // Has other plans with the signal.
  stays: () => console.log('signal heard'),
  // Ends the process, but only when nobody else listens, as libraries that clean up do.
  polite: (signal) => {
    if (process.listenerCount(signal) > 1) return
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  },
}
if (onSignal !== undefined) {
  process.on('SIGTERM', handlers[onSignal])
  process.on('SIGINT', handlers[onSignal])
}
if (otherFormat) {
  const { register } = createRequire(import.meta.url)('opentelemetry-instrumentation-aimlapi')
  const own = await import('opentelemetry-instrumentation-aimlapi')
  console.log(own.register() === register() ? 'the same' : 'another')
}
if (lateProvider) {
  const { metrics } = await import('@opentelemetry/api')
  const { MeterProvider } = await import('@opentelemetry/sdk-metrics')
  metrics.setGlobalMeterProvider(new MeterProvider())
}
if (exitCode !== undefined) process.exitCode = exitCode

for (let i = 0; i < calls; i++) {
  const response = await fetch(`${process.env.AIMLAPI_BASE_URLS}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ model: 'gpt-5', messages: [] }),
  })
  await response.json()
}
console.log('ready')
if (shutsDown) {
  const { register } = await import('opentelemetry-instrumentation-aimlapi')
  await register().shutdown()
}
if (stay) setInterval(() => {}, 1000)
// Whoever holds the other end of its input closes it.
if (stayUntilTold) process.stdin.resume()
