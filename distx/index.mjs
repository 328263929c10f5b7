import { z as CREDITS_PER_USD } from './account-metrics-DotbwETn.mjs'
import { n as withSpendTags, t as AimlapiInstrumentation } from './instrumentation-BMXgWTKQ.mjs'
import { t as register } from './sdk-BEaalovn.mjs'
export { AimlapiInstrumentation, CREDITS_PER_USD, register, withSpendTags }
