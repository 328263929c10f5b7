/** The projects that the package must install beside: what each of them depends on. */
export interface Project {
  readonly name: string
  /** Exact versions: what is tried is our ranges, not the newest release of somebody else. */
  readonly dependencies: Readonly<Record<string, string>>
  /** Where the project's own copy of `@opentelemetry/api` is looked for; the project's root when absent. */
  readonly tool?: string
}

/** OpenTelemetry 2.x refuses 1.10, 3.x requires it. */
const API_FOR_SDK_2 = { '@opentelemetry/api': '1.9.1' }
const API_FOR_SDK_3 = { '@opentelemetry/api': '1.10.0' }
const NEXT = { next: '16.4.6', react: '19.2.0', 'react-dom': '19.2.0' }

export const PROJECTS: readonly Project[] = [
  { name: 'an empty project', dependencies: {} },
  { name: 'Sentry 8', dependencies: { '@sentry/node': '8.55.0' }, tool: '@sentry/node' },
  { name: 'Sentry 9', dependencies: { '@sentry/node': '9.47.1' }, tool: '@sentry/node' },
  { name: 'Sentry 10', dependencies: { '@sentry/node': '10.78.0' }, tool: '@sentry/node' },
  { name: 'Sentry 11', dependencies: { '@sentry/node': '11.12.0' }, tool: '@sentry/node' },
  {
    name: '@sentry/nextjs 10',
    dependencies: { '@sentry/nextjs': '10.78.0', ...NEXT },
    tool: '@sentry/nextjs',
  },
  {
    name: '@vercel/otel 2',
    dependencies: { '@vercel/otel': '2.1.3', ...API_FOR_SDK_2, ...NEXT },
    tool: '@vercel/otel',
  },
  { name: 'newrelic 14', dependencies: { newrelic: '14.5.1' }, tool: 'newrelic' },
  { name: 'elastic-apm-node 4', dependencies: { 'elastic-apm-node': '4.18.0' }, tool: 'elastic-apm-node' },
  {
    name: '@fastify/otel',
    dependencies: { '@fastify/otel': '0.21.2', fastify: '5.12.8', ...API_FOR_SDK_2 },
    tool: '@fastify/otel',
  },
  { name: 'openlit 1', dependencies: { openlit: '1.15.0' }, tool: 'openlit' },
  {
    name: '@traceloop/node-server-sdk',
    dependencies: { '@traceloop/node-server-sdk': '0.27.0' },
    tool: '@traceloop/node-server-sdk',
  },
  { name: 'dd-trace 6', dependencies: { 'dd-trace': '6.21.0' } },
  {
    name: 'own SDK 2.x, api 1.9',
    dependencies: {
      ...API_FOR_SDK_2,
      '@opentelemetry/sdk-metrics': '2.12.0',
      '@opentelemetry/sdk-trace-node': '2.12.0',
    },
  },
  { name: 'sdk-node 0.205', dependencies: { ...API_FOR_SDK_2, '@opentelemetry/sdk-node': '0.205.0' } },
  { name: 'sdk-node 0.223', dependencies: { ...API_FOR_SDK_2, '@opentelemetry/sdk-node': '0.223.0' } },
  { name: 'sdk-node 0.301', dependencies: { ...API_FOR_SDK_3, '@opentelemetry/sdk-node': '0.301.0' } },
  {
    name: 'auto-instrumentations 0.67, api 1.9',
    dependencies: { ...API_FOR_SDK_2, '@opentelemetry/auto-instrumentations-node': '0.67.0' },
    tool: '@opentelemetry/auto-instrumentations-node',
  },
  { name: 'ai 6, api 1.9', dependencies: { ...API_FOR_SDK_2, ai: '6.0.324', zod: '3.25.76' }, tool: 'ai' },
]
