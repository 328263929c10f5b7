import { z as CREDITS_PER_USD } from "./account-metrics-CV6cKKuG.mjs";
import { n as withSpendTags, t as AimlapiInstrumentation } from "./instrumentation-ChHrd5Hw.mjs";
import { t as register } from "./sdk-Br6LRIJ_.mjs";
export { AimlapiInstrumentation, CREDITS_PER_USD, register, withSpendTags };
