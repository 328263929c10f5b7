/** The table of options: the variables are those that the configuration is resolved with. */
import { OPTION_VARIABLES, type OptionName } from '../../src/config.ts'
import { code, codes, formatTable } from './table.ts'

/** By option: its default as it is written in code, and its meaning. */
const OPTIONS: Readonly<Record<OptionName, readonly [standard: string, meaning: string]>> = {
  apiKey: [
    'none',
    'The key for balance and settlement. Without one, calls are measured, too, but metrics of the account are off.',
  ],
  accounts: [
    "[{ name: 'default', apiKey }]",
    'Several accounts, each with its key: `{ name, apiKey }[]` or `name=key,name=key`. A call belongs to the account whose key it sent, else to `other`.',
  ],
  baseUrls: [
    "['https://api.aimlapi.com', 'https://tools.aimlapi.com']",
    'URLs (origin and optional path prefix) whose traffic is observed. The first is also asked for balance and log. `*` observes every URL.',
  ],
  prometheus: [
    "{ host: 'localhost', port: 9464, endpoint: '/metrics' }",
    'Where `/metrics` is served, for `register()` only. `false`, or `OTEL_METRICS_EXPORTER` without `prometheus` in it, turns it off.',
  ],
  balance: [
    '{ enabled: true, intervalMs: 60_000 }',
    'How often the balance is asked for. `0` or `false`: never.',
  ],
  settlement: [
    '{ enabled: true, intervalMs: 60_000, maxPending: 10_000, settleOnShutdown: false }',
    'Looks up the cost of calls whose response did not say it. `settleOnShutdown`: one last attempt at the end of the process, for at most 5 s.',
  ],
  managementKey: [
    'none',
    'Reads limits and usage of every key of the account. It is sent to key and usage endpoints only. For several accounts: `name=key,name=key`.',
  ],
  usage: [
    '{ enabled: false, intervalMs: 60_000 }',
    'Reads what each key spends by model, prices, and shut-down dates of models. On in `aimlapi-exporter`.',
  ],
  budgets: [
    'none',
    'Budgets in US dollars for a day or a month, of the account or of a tag: `day=50,month=1000,team:search/day=10`. Alerts compare them with the spend.',
  ],
  ledger: [
    '{ enabled: false, intervalMs: 60_000 }',
    "Reads the account's ledger of charges and top-ups. On in `aimlapi-exporter`.",
  ],
  metricTags: ['[]', 'Names of the spend tags that become labels of metrics. All tags go on spans.'],
  tagsFrom: [
    'none',
    '`{ baggage: string[], span: string[] }`: entries of the active baggage, and attributes of the active span (such as `gen_ai.agent.name`), that become spend tags. `withSpendTags` wins.',
  ],
  maxModels: [
    '200',
    'Different models that get a label value of their own; later ones are counted under `other`.',
  ],
  maxTagValues: ['100', 'Different values of each spend tag; later ones are counted under `other`.'],
  nestHttpSpans: [
    'true',
    'Spans of `@opentelemetry/instrumentation-undici` become children of the GenAI span.',
  ],
  onCall: [
    'none',
    '`(record: CallRecord) => void`, called after each call. What it throws or rejects with is caught and logged once. [Records](api.md#callrecord)',
  ],
}

export function formatOptions(): string {
  return formatTable(
    ['Option', 'Environment', 'Default', 'Meaning'],
    (Object.keys(OPTIONS) as OptionName[]).map((option) => {
      const [standard, meaning] = OPTIONS[option]
      const variables = OPTION_VARIABLES[option]
      return [
        code(option),
        variables.length === 0 ? '–' : codes(variables),
        standard === 'none' ? 'none' : code(standard),
        meaning,
      ]
    }),
  )
}
