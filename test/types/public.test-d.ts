/** What users of the types may rely on. Compiled by `npm run check`; nothing here runs. */
import type { Instrumentation } from '@opentelemetry/instrumentation'
import { expectTypeOf } from 'vitest'
import {
  AimlapiInstrumentation,
  CREDITS_PER_USD,
  register,
  withSpendTags,
  type AimlapiInstrumentationConfig,
  type CallRecord,
  type RegisterOptions,
  type Registration,
} from '../../src/index.ts'

expectTypeOf(CREDITS_PER_USD).toBeNumber()

// register() needs nothing, and gives back what ends it.
expectTypeOf(register).parameter(0).toEqualTypeOf<RegisterOptions | undefined>()
expectTypeOf(register).returns.toEqualTypeOf<Registration>()
expectTypeOf<Registration['shutdown']>().returns.toEqualTypeOf<Promise<void>>()
expectTypeOf<Registration['forceFlush']>().returns.toEqualTypeOf<Promise<void>>()
expectTypeOf<Registration['instrumentation']>().toEqualTypeOf<AimlapiInstrumentation>()

// withSpendTags gives back what its function gives, promises included.
expectTypeOf(withSpendTags({ team: 'search' }, () => 1)).toEqualTypeOf<number>()
expectTypeOf(withSpendTags({}, async () => 'answer')).toEqualTypeOf<Promise<string>>()
// @ts-expect-error tags are text
withSpendTags({ team: 1 }, () => {})
// @ts-expect-error a function is needed
withSpendTags({ team: 'search' })

// The instrumentation goes where OpenTelemetry expects one.
expectTypeOf<AimlapiInstrumentation>().toExtend<Instrumentation>()
expectTypeOf(AimlapiInstrumentation).toBeConstructibleWith()
expectTypeOf(AimlapiInstrumentation).toBeConstructibleWith({ enabled: false, metricTags: ['team'] })
// @ts-expect-error where to serve is an option of register() alone
new AimlapiInstrumentation({ prometheus: false })

// Switches, intervals and objects are all ways to say how an account endpoint is polled.
expectTypeOf<RegisterOptions>().toExtend<AimlapiInstrumentationConfig>()
for (const balance of [true, false, 0, { intervalMs: 30_000 }] as const) register({ balance })
register({ prometheus: { host: '0.0.0.0', port: 9464 }, settlement: { settleOnShutdown: true } })
// Optional values may be passed on as they are, also under exactOptionalPropertyTypes.
register({ apiKey: process.env['SOME_KEY'], onCall: undefined })
// @ts-expect-error a mistyped option is no option
register({ metricTag: ['team'] })
// @ts-expect-error 0 switches off, other numbers are no interval
register({ balance: 5 })

// A record says nothing that the API did not say.
register({
  onCall(record) {
    expectTypeOf(record).toEqualTypeOf<CallRecord>()
    expectTypeOf(record.usage?.credits).toEqualTypeOf<number | undefined>()
    expectTypeOf(record.requestModel).toEqualTypeOf<string | undefined>()
    expectTypeOf(record.pending).toEqualTypeOf<boolean>()
    // @ts-expect-error a record is what happened
    record.durationMs = 0
  },
})
register({ onCall: async () => {} })
