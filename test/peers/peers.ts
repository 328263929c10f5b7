/** The instrumentations that this package is compared with, and the clients that all of them are tried with. */

export interface Peer {
  readonly title: string
  /** Of its program in programs/setups. */
  readonly setup: string
  readonly package: string
  readonly version: string
  /** What its own documentation has one install beside it. */
  readonly beside: readonly string[]
  /** For the reader of the table. */
  readonly note?: string
}

const SDK = '@opentelemetry/sdk-node@0.223.0'

export const PEERS: readonly Peer[] = [
  {
    title: 'OpenTelemetry contrib',
    setup: 'contrib',
    package: '@opentelemetry/instrumentation-openai',
    version: '0.22.0',
    beside: [SDK],
  },
  { title: 'Sentry', setup: 'sentry', package: '@sentry/node', version: '11.12.0', beside: [] },
  {
    title: 'OpenLLMetry',
    setup: 'traceloop',
    package: '@traceloop/node-server-sdk',
    version: '0.27.0',
    beside: ['@opentelemetry/api@1.9.1'],
    note: 'its tokens are its own estimates if the response has none',
  },
  {
    title: 'OpenInference',
    setup: 'openinference',
    package: '@arizeai/openinference-instrumentation-openai',
    version: '4.2.7',
    beside: [SDK],
  },
  {
    title: 'OpenLIT',
    setup: 'openlit',
    package: 'openlit',
    version: '1.15.0',
    beside: ['@opentelemetry/api@1.9.1'],
    note: 'its tokens are its own estimates if the response has none',
  },
  {
    title: 'Langfuse',
    setup: 'langfuse',
    package: '@langfuse/openai',
    version: '5.11.1',
    beside: [SDK],
  },
]

export interface Client {
  readonly openai: string
  /** The version of Node.js, an npm package of its binary; the client does not run on every one. */
  readonly node: string
}

export const CLIENTS: readonly Client[] = [
  { openai: '6.49.0', node: '24.21.0' },
  { openai: '7.57.0', node: '24.21.0' },
]
