Object.defineProperty(exports, Symbol.toStringTag, { value: "Module" });
const require_account_metrics = require("./account-metrics-DI1mczfX.cjs");
const require_instrumentation = require("./instrumentation-CNgYNnfB.cjs");
const require_sdk = require("./sdk-PVbB0ySV.cjs");
exports.AimlapiInstrumentation = require_instrumentation.AimlapiInstrumentation;
exports.CREDITS_PER_USD = require_account_metrics.CREDITS_PER_USD;
exports.register = require_sdk.register;
exports.withSpendTags = require_instrumentation.withSpendTags;
