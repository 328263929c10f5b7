/** Next.js calls it once, when the server starts. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const theirs = async () => {
    const { registerOTel } = await import('@vercel/otel')
    registerOTel({ serviceName: 'house' })
  }
  const ours = async () => {
    if (process.env.CELL_US !== 'true') return
    const { register: start } = await import('opentelemetry-instrumentation-aimlapi')
    start()
  }
  const steps = { 'theirs first': [theirs, ours], 'ours first': [ours, theirs] }
  for (const step of steps[process.env.CELL_ORDER]) await step()
}
