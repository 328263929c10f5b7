/** Next.js calls this once per server process, before the first request. */
export async function register(): Promise<void> {
  // The edge runtime has neither node:http nor diagnostics channels: nothing can be observed there.
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const aimlapi = await import('opentelemetry-instrumentation-aimlapi')
  aimlapi.register()
}
