Object.defineProperty(exports, Symbol.toStringTag, { value: 'Module' })
const require_account_metrics = require('./account-metrics-BBDp1JNp.cjs')
const require_instrumentation = require('./instrumentation-CiiQXN4F.cjs')
const require_sdk = require('./sdk-CgLlYo1S.cjs')
exports.AimlapiInstrumentation = require_instrumentation.AimlapiInstrumentation
exports.CREDITS_PER_USD = require_account_metrics.CREDITS_PER_USD
exports.register = require_sdk.register
exports.withSpendTags = require_instrumentation.withSpendTags
