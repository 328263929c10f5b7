/** OpenTelemetry for AI/ML API: what a Node service spends on it, as metrics and spans. */
export { CREDITS_PER_USD } from './api/credits.ts'
export { withSpendTags } from './calls/tags.ts'
export type {
  Account,
  AimlapiInstrumentationConfig,
  PollConfig,
  PrometheusConfig,
  RegisterOptions,
  SettlementConfig,
  TagsFromConfig,
} from './config.ts'
export { AimlapiInstrumentation } from './instrumentation.ts'
export { register, type Registration } from './sdk.ts'
export type {
  CallIdentity,
  CallRecord,
  EndpointName,
  MissingReason,
  RequestParameters,
  TokenDetail,
  Usage,
  UsageUnit,
} from './types.ts'
