// Loaded from node_modules at run time instead of being bundled: OpenTelemetry keeps its state in one copy.
const nextConfig = {
  serverExternalPackages: ['opentelemetry-instrumentation-aimlapi'],
}

export default nextConfig
