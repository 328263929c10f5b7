import manifest from '../package.json' with { type: 'json' }

const { devDependencies } = manifest

/** Third-party packages built into this one (`bundled.ts`), by name, with their exact version. The build keeps the result alone. */
export const BUNDLED_PACKAGES: Readonly<Record<string, string>> = {
  '@opentelemetry/sdk-node': devDependencies['@opentelemetry/sdk-node'],
  '@opentelemetry/sdk-metrics': devDependencies['@opentelemetry/sdk-metrics'],
  '@opentelemetry/exporter-prometheus': devDependencies['@opentelemetry/exporter-prometheus'],
  'https-proxy-agent': devDependencies['https-proxy-agent'],
}
